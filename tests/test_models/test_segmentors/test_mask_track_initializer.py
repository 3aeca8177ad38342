"""MaskTrack, trained with boxes as input masks, as a box-to-mask model."""

import numpy as np
import pytest
import torch
from box_to_mask_tester import BoxToMaskTester, mask_of
from small_models import small_mask_track

from vosplug.errors import ConfigError
from vosplug.models import MaskTrackInitializer
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt, fill_box

BOX = (10, 8, 30, 26)


def build(**changes):
    torch.manual_seed(0)
    return MODELS.build(small_mask_track(guidance='box', **changes)).eval()


class TestMaskTrackInitializer(BoxToMaskTester):
    def model(self):
        return MaskTrackInitializer(build())


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)


def test_the_network_sees_the_filled_box_at_its_working_resolution(image, monkeypatch):
    model = build(test_cfg=dict(short_side=24), dilation=0)
    seen = []
    refine = model.refine
    monkeypatch.setattr(model, 'refine', lambda i, m: seen.append((i, m)) or refine(i, m))
    prob = mask_of(MaskTrackInitializer(model), image, BOX)
    (tensor, rough), inside = seen[0], fill_box(BOX, (48, 64))
    assert tensor.shape == (1, 3, 24, 32) and rough.shape == (1, 1, 24, 32)
    assert np.array_equal(rough[0, 0].bool(), inside[::2, ::2])
    assert prob.shape == (48, 64) and prob[inside].min() > 0


@pytest.mark.parametrize('box', [(10, 8, 11, 40), (10, 8, 40, 9), (20.2, 8, 20.4, 8.1)])
def test_a_thin_box_is_still_seen_at_a_lower_resolution(image, monkeypatch, box):
    model = build(test_cfg=dict(short_side=12), dilation=0)
    seen = []
    refine = model.refine
    monkeypatch.setattr(model, 'refine', lambda i, m: seen.append(m) or refine(i, m))
    assert mask_of(MaskTrackInitializer(model), image, box).any()
    assert seen[0].any() and set(seen[0].unique().tolist()) == {0, 1}


def test_a_box_becomes_a_segment_that_is_followed(tmp_path, image):
    (tmp_path / 'box.py').write_text(f'model = {small_mask_track(guidance="box")!r}\n')
    torch.save(build().state_dict(), tmp_path / 'box.pth')
    first = dict(
        type='MaskTrackInitializer', config=str(tmp_path / 'box.py'), checkpoint=str(tmp_path / 'box.pth')
    )
    torch.manual_seed(1)
    model = MODELS.build(small_mask_track(initializer=first)).eval()
    assert not any('initializer' in key for key in model.state_dict())
    results = list(model.stream([image] * 2, {0: [ObjectPrompt(1, box=BOX)]}))
    expected = mask_of(MaskTrackInitializer(build()), image, BOX) > 0.5
    assert np.array_equal(results[0].mask == 1, expected)


def test_another_model_is_refused(tmp_path):
    with pytest.raises(ConfigError, match='use a config of MaskTrack'):
        MaskTrackInitializer('box2seg-tiny')
