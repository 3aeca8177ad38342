"""Box2Seg as a box-to-mask model."""

import numpy as np
import pytest
import torch
from box_to_mask_tester import BoxToMaskTester, mask_of
from mmengine.registry import init_default_scope
from small_box2seg import build_box2seg, small_box2seg
from small_models import small_stm

from vosplug.errors import ConfigError
from vosplug.models import Box2SegInitializer, ONNXBoxInitializer
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt, fill_box

BOX = (10, 8, 30, 26)


@pytest.fixture
def frames() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 255, (4, 48, 64, 3), np.uint8))


class TestBox2Seg(BoxToMaskTester):
    def model(self):
        return Box2SegInitializer(build_box2seg())


def box2seg_files(folder) -> dict[str, str]:
    """Config and checkpoint of a small Box2Seg."""
    config, checkpoint = folder / 'box2seg.py', folder / 'box2seg.pth'
    config.write_text(f'model = {small_box2seg()!r}\n')
    torch.save(build_box2seg().state_dict(), checkpoint)
    return dict(config=str(config), checkpoint=str(checkpoint))


def test_box2seg_gives_its_probabilities_inside_of_the_box(tmp_path, frames):
    initializer = Box2SegInitializer(**box2seg_files(tmp_path))
    prob = mask_of(initializer, frames[0], BOX)
    inside = fill_box(BOX, (48, 64))
    assert prob.dtype == np.float32 and not prob[~inside].any()
    assert np.allclose(prob[inside], build_box2seg().mask_prob(frames[0], np.float32(BOX))[inside], atol=1e-6)


def test_box2seg_starts_a_track_and_keeps_its_weights_to_itself(tmp_path, frames):
    init_default_scope('vosplug')
    files = box2seg_files(tmp_path)
    model = MODELS.build({**small_stm(), 'initializer': dict(type='Box2SegInitializer', **files)}).eval()
    assert not any(key.startswith('initializer') for key in model.state_dict())
    model.double().float()
    next(model.stream(frames, {0: [ObjectPrompt(4, box=BOX)]}))
    model.double()
    assert all(p.dtype == torch.float64 for p in model.initializer.network.parameters())


def test_box2seg_of_another_config_is_refused(tmp_path):
    init_default_scope('vosplug')
    path, weights = tmp_path / 'stm.py', tmp_path / 'stm.pth'
    path.write_text(f'model = {small_stm()!r}\n')
    torch.save(MODELS.build(small_stm()).state_dict(), weights)
    with pytest.raises(ConfigError, match='builds a STM; use a config of Box2Seg'):
        Box2SegInitializer(str(path), str(weights))


def test_box2seg_without_weights_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r'box2seg\.py: needs a checkpoint of .*only .* include them'):
        Box2SegInitializer(box2seg_files(tmp_path)['config'])


def test_batches_change_nothing(frames):
    boxes = [{0: np.float32([BOX] * n)} for n in (1, 3, 2, 1)]
    boxes[1][0][:, 2] += 5
    requests = [([frame], 0, by_frame) for frame, by_frame in zip(frames, boxes, strict=True)]
    network = build_box2seg()
    alone = [Box2SegInitializer(network)(*request) for request in requests]
    for size in (1, 2, 16):
        found = list(Box2SegInitializer(network, batch_size=size).batched(iter(requests)))
        for a, b in zip(alone, found, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


def test_masks_may_reach_out_of_their_boxes(frames):
    network = build_box2seg()
    inside, outside = (
        mask_of(Box2SegInitializer(network, inside_box=i), frames[0], BOX) for i in (True, False)
    )
    box = fill_box(BOX, (48, 64))
    assert np.array_equal(inside[box], outside[box]) and outside[~box].any()
    assert Box2SegInitializer(network).settings != Box2SegInitializer(network, inside_box=False).settings


def test_another_network_takes_its_place(frames):
    model = Box2SegInitializer(build_box2seg(), refine=True, inside_box=False)
    other = model.with_network(torch.nn.Module.train(build_box2seg()))
    assert other.network is not model.network and (other.refine, other.inside_box) == (True, False)


@pytest.mark.parametrize('kind', [Box2SegInitializer, ONNXBoxInitializer])
@pytest.mark.parametrize('size', [0, -1])
def test_no_crops_at_a_time_are_refused(kind, size):
    with pytest.raises(ConfigError, match=f'{kind.__name__}: found batch_size={size}, expected 1 or more'):
        kind('box2seg-tiny', batch_size=size)
