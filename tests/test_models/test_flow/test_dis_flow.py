"""Dense inverse search."""

import numpy as np
import pytest
from flow_tester import ImagePairFlowTester, texture, translated

from vosplug.errors import ConfigError
from vosplug.models import DISFlow
from vosplug.registry import MODELS


class TestDIS(ImagePairFlowTester):
    def provider(self):
        return DISFlow()


class TestFastDIS(ImagePairFlowTester):
    def provider(self):
        return MODELS.build(dict(type='DISFlow', preset='fast'))


def test_an_object_moves_over_a_background_that_stays():
    background, inside = texture((120, 160), seed=2), texture((40, 50), seed=3)
    frames = [background.copy(), background.copy()]
    for t, frame in enumerate(frames):
        frame[30:70, 40 + 5 * t : 90 + 5 * t] = inside
    flow = DISFlow().between(*frames)
    assert np.abs(np.median(flow[40:60, 55:85], axis=(0, 1)) - (-5, 0)).max() < 0.2
    assert np.abs(flow[85:, :]).max() < 0.5


# OpenCV alone fails or crashes on the first four
@pytest.mark.parametrize('size', [(1, 1), (10, 200), (17, 90), (24, 400), (90, 20), (31, 33)])
@pytest.mark.parametrize('preset', ['ultrafast', 'fast', 'medium'])
def test_images_of_any_size_have_flow(size, preset):
    image = texture(size)
    flow = DISFlow(preset).between(image, translated(image, 1, 0))
    assert flow.shape == (*size, 2) and np.isfinite(flow).all()


def test_an_unknown_preset_is_named():
    with pytest.raises(ConfigError, match=r"DISFlow\.preset: found 'slow', expected one of .*'medium'"):
        DISFlow('slow')
