"""A network fine-tuned to one object is afterwards what it was."""

import numpy as np
import pytest
import torch
from small_box2seg import FINE_TUNE, build_box2seg

from vosplug.engine.adaptation import fine_tuned, seeded

SETTINGS = {key: value for key, value in FINE_TUNE.items() if key != 'pipeline'}


def draw() -> dict:
    from mmengine.structures import PixelData
    from mmseg.structures import SegDataSample

    sample = SegDataSample()
    sample.gt_sem_seg = PixelData(data=torch.randint(0, 2, (1, 33, 41)))
    return dict(inputs=torch.randint(0, 256, (4, 33, 41), dtype=torch.uint8), data_samples=sample)


def state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in model.state_dict().items()}


def same(a: dict, b: dict) -> bool:
    return all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize('training', [True, False])
def test_weights_change_inside_and_are_back_after(training):
    model = build_box2seg().train(training)
    before = state(model)
    with fine_tuned(model, draw, **SETTINGS) as tuned:
        inside = state(tuned)
        assert not tuned.training
    assert not torch.equal(inside['decode_head.conv_seg.weight'], before['decode_head.conv_seg.weight'])
    statistics = [key for key in before if 'running' in key]
    assert statistics and all(torch.equal(inside[key], before[key]) for key in statistics)
    assert same(state(model), before) and model.training == training


def test_weights_are_back_after_an_error_too():
    model = build_box2seg()
    before = state(model)
    with pytest.raises(RuntimeError, match='stop'), fine_tuned(model, draw, **SETTINGS):
        raise RuntimeError('stop')
    assert same(state(model), before)
    with pytest.raises(ZeroDivisionError), fine_tuned(model, lambda: {'inputs': 1 / 0}, **SETTINGS):
        pass
    assert same(state(model), before) and not model.training


def test_seeded_numbers_follow_from_the_names_and_leave_the_others_alone():
    def numbers(*names: object) -> tuple[float, float]:
        with seeded(*names):
            return np.random.rand(), torch.rand(()).item()

    assert numbers(0, 'bear', 1) == numbers(0, 'bear', 1)
    assert numbers(0, 'bear', 1) != numbers(0, 'bear', 2)
    np.random.seed(3), torch.manual_seed(3)
    expected = np.random.rand(), torch.rand(()).item()
    np.random.seed(3), torch.manual_seed(3)
    numbers(1)
    assert (np.random.rand(), torch.rand(()).item()) == expected
