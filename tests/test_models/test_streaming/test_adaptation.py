"""A copy of a model is trained on a few frames; the model stays as it was."""

import copy
from contextlib import contextmanager
from itertools import islice, repeat

import numpy as np
import pytest
import torch
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.registry import DefaultScope
from small_box2seg import FINE_TUNE, build_box2seg

from vosplug.errors import AnnotationError, ConfigError
from vosplug.models.streaming import adapted_copy, augmented_samples, sample_pool, seeded, still_clip
from vosplug.registry import OPTIM_WRAPPERS

SETTINGS = {key: value for key, value in FINE_TUNE.items() if key != 'pipeline'}


def draw() -> dict:
    from mmengine.structures import PixelData
    from mmseg.structures import SegDataSample

    sample = SegDataSample()
    sample.gt_sem_seg = PixelData(data=torch.randint(0, 2, (1, 33, 41)))
    return dict(inputs=torch.randint(0, 256, (4, 33, 41), dtype=torch.uint8), data_samples=sample)


def samples():
    while True:
        yield draw()


def state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in model.state_dict().items()}


@pytest.mark.parametrize('training', [True, False])
def test_the_copy_changes_and_the_model_does_not(training):
    model = build_box2seg().train(training)
    before = state(model)
    with torch.no_grad():
        tuned = adapted_copy(model, samples(), **SETTINGS)
    after = state(tuned)
    assert not tuned.training and not any(p.grad is not None for p in tuned.parameters())
    assert not torch.equal(after['decode_head.conv_seg.weight'], before['decode_head.conv_seg.weight'])
    statistics = [key for key in before if 'running' in key]
    assert statistics and all(torch.equal(after[key], before[key]) for key in statistics)
    assert all(torch.equal(value, before[key]) for key, value in state(model).items())
    assert model.training == training and all(p.requires_grad for p in model.parameters())


def test_only_the_named_parts_are_trained():
    model = build_box2seg()
    tuned = adapted_copy(model, samples(), **SETTINGS, parts=['decode_head.conv_seg'])
    changed = {k for k, v in state(tuned).items() if not torch.equal(v, model.state_dict()[k])}
    assert changed == {'decode_head.conv_seg.weight', 'decode_head.conv_seg.bias'}


@pytest.mark.parametrize('scope', ['mmengine', 'mmseg'])
def test_our_optimizer_wrapper_is_found_under_any_default_scope(scope):
    wrapper = dict(SETTINGS['optim_wrapper'], type='BFloat16OptimWrapper')
    with DefaultScope.overwrite_default_scope(scope):
        model = build_box2seg()
        tuned = adapted_copy(model, samples(), **SETTINGS | dict(optim_wrapper=wrapper))
    assert not torch.equal(tuned.decode_head.conv_seg.weight, model.decode_head.conv_seg.weight)


def learning_rates(steps: int, schedule: dict | list[dict]) -> list[float]:
    """Of every step of a training from 0.1 on."""
    rates = []

    class Recording(OptimWrapper):
        def update_params(self, *args, **kwargs):
            rates.append(self.param_groups[0]['lr'])
            super().update_params(*args, **kwargs)

    OPTIM_WRAPPERS.register_module(module=Recording, force=True)
    wrapper = dict(type='Recording', optimizer=dict(type='SGD', lr=0.1))
    adapted_copy(build_box2seg(), samples(), steps, 1, wrapper, schedule)
    return rates


def test_a_schedule_ends_with_the_training_unless_it_says_otherwise():
    poly = dict(type='PolyLR', power=0.9)
    assert learning_rates(4, ()) == [0.1] * 4
    for end, schedule in ((4, poly), (8, [{**poly, 'end': 8}])):  # mmengine's ends at the last step
        expected = [0.1 * (1 - k / (end - 1)) ** 0.9 for k in range(4)]
        assert learning_rates(4, schedule) == pytest.approx(expected)
    assert learning_rates(1, poly) == [0.1] and learning_rates(0, poly) == []
    warmup = dict(type='LinearLR', start_factor=0.5, end=2)
    assert learning_rates(3, [warmup, dict(type='MultiStepLR', milestones=[2], gamma=0.1)]) == pytest.approx(
        [0.05, 0.1, 0.01]
    )


def test_a_part_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match=r"no parameters in \['decode_hea'\]; it has .*'decode_head'"):
        adapted_copy(build_box2seg(), samples(), **SETTINGS, parts=['decode_hea'])


def test_augmentations_that_leave_nothing_are_an_error():
    image, mask = np.zeros((8, 9, 3), np.uint8), np.ones((8, 9), np.uint8)
    clips = {'frame 7': lambda: still_clip(image, mask, 1, 1, 'a/7')}
    with pytest.raises(AnnotationError, match=r'frame 7: no object is left .* 100 augmentations'):
        next(augmented_samples(lambda clip: None, clips))


def test_a_still_clip_shows_its_frame_in_every_frame_and_shares_nothing():
    mask = np.zeros((8, 9), np.uint8)
    mask[2:5, 3:7] = 2
    mask[0, 0] = 255
    clip = still_clip(np.zeros((8, 9, 3), np.uint8), mask, 2, 3, 'a')
    assert (
        clip['boxes'][:, 1].tolist() == [[3, 2, 7, 5]] * 3 and clip['visible'].tolist() == [[False, True]] * 3
    )
    clip['id_masks'][0][:] = 0
    clip['imgs'][1][:] = 9
    assert np.array_equal(clip['id_masks'][1], mask) and not clip['imgs'][0].any()


def test_samples_come_from_every_frame():
    clips = {name: dict(data_samples={}, name=name).copy for name in 'abc'}
    drawn = augmented_samples(lambda clip: clip, clips)
    assert {next(drawn)['name'] for _ in repeat(None, 60)} == set('abc')


def test_a_pool_is_drawn_in_passes_and_its_samples_follow_from_their_numbers():
    clips = {name: dict(data_samples={}, name=name).copy for name in 'abc'}

    def augmented(clip: dict) -> dict:
        np.random.rand(np.random.randint(5))  # samples take as many random numbers as they like
        return {**clip, 'x': np.random.rand(), 'y': torch.rand(()).item()}

    def drawn(seed: int, count: int, name: object = 'bear') -> list[tuple]:
        with seeded(seed):
            pool = sample_pool(augmented, clips, 7, name)
            return [tuple(sample[key] for key in ('name', 'x', 'y')) for sample in islice(pool, count)]

    first = drawn(0, 21)
    passes = [first[k : k + 7] for k in (0, 7, 14)]
    assert len(set(first)) == 7 and all(set(p) == set(first) for p in passes)
    assert passes[0] != passes[1], 'each pass has an order of its own'
    assert first == drawn(0, 21) and set(drawn(1, 7)) == set(first) and drawn(1, 7) != first[:7]
    assert set(drawn(0, 7, 'camel')).isdisjoint(first)


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


@pytest.mark.parametrize(
    'context', [torch.inference_mode, torch.no_grad, lambda: torch.autocast('cpu', torch.bfloat16)]
)
def test_training_is_the_same_whatever_the_caller_has_switched_on(context):
    model = build_box2seg()

    def tuned() -> dict[str, torch.Tensor]:
        with seeded(0):
            return state(adapted_copy(model, samples(), **SETTINGS))

    expected = tuned()
    with context():
        found = tuned()
    assert all(torch.equal(value, expected[key]) for key, value in found.items())


class InBfloat16(OptimWrapper):
    """mmengine's wrapper of this kind needs a GPU."""

    @contextmanager
    def optim_context(self, model):
        with super().optim_context(model), torch.autocast('cpu', torch.bfloat16):
            yield


def test_training_in_mixed_precision_sees_the_weights_of_every_step():
    OPTIM_WRAPPERS.register_module(module=InBfloat16, force=True)
    model, fixed = build_box2seg(), draw()
    wrapper = dict(type='InBfloat16', optimizer=dict(type='SGD', lr=0.1))
    with seeded(0):  # dropout
        found = adapted_copy(model, repeat(fixed), 3, 1, wrapper)
    plain = copy.deepcopy(model).train()
    for module in plain.modules():
        module.training = not isinstance(module, torch.nn.modules.batchnorm._BatchNorm)
    optimizer = build_optim_wrapper(plain, wrapper)
    with seeded(0):
        for _ in range(3):
            plain.train_step({key: [value] for key, value in fixed.items()}, optimizer)
    assert all(torch.equal(value, state(plain)[key]) for key, value in state(found).items())
