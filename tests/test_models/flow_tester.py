"""The contract of flow from two images; one joins by naming its provider.

>>> class TestMine(ImagePairFlowTester):
...     def provider(self):
...         return Mine()
"""

import copy
import json
import pickle
from abc import ABC, abstractmethod

import cv2
import numpy as np
import pytest
from small_videos import CountingSource

from vosplug.models import ImagePairFlow

SIZE = (48, 64)


def texture(size: tuple[int, int] = SIZE, seed: int = 0) -> np.ndarray:
    """Smooth noise, uint8 (H, W, 3)."""
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(*size, 3)), (0, 0), 2)
    return np.clip(128 + 300 * noise, 0, 255).astype(np.uint8)


def translated(image: np.ndarray, x: int, y: int) -> np.ndarray:
    """The content moved by x and y pixels; what leaves comes in on the other side."""
    return np.roll(image, (y, x), (0, 1))


class ImagePairFlowTester(ABC):
    """What trackers, caches and :class:`FlowMagnitudeSource` rely on."""

    motion = (2, -1)  # pixels per frame

    @abstractmethod
    def provider(self) -> ImagePairFlow:
        """A provider."""

    @pytest.fixture
    def frames(self) -> list[np.ndarray]:
        x, y = self.motion
        return [translated(texture(), x * t, y * t) for t in range(4)]

    def test_a_pixel_is_led_to_where_it_was(self, frames):
        flow = self.provider()(CountingSource(frames), 2)
        assert flow.shape == (*SIZE, 2) and flow.dtype == np.float32
        inner = flow[12:-12, 12:-12]
        assert np.abs(inner + np.float32(self.motion)).max() < 0.5

    def test_the_first_frame_has_none(self, frames):
        source = CountingSource(frames)
        flow = self.provider()(source, 0)
        assert flow.shape == (*SIZE, 2) and flow.dtype == np.float32 and not flow.any()
        assert not source.decoded

    def test_it_reads_the_frame_before_and_then_the_frame(self, frames):
        source = CountingSource(frames)
        self.provider()(source, 3)
        assert source.decoded == [2, 3]

    def test_two_videos_in_turns_do_not_meet(self, frames):
        other = [translated(texture(seed=1), -3 * t, 0) for t in range(4)]
        alone = [[self.provider()(CountingSource(video), t) for t in (1, 2, 3)] for video in (frames, other)]
        provider, sources = self.provider(), (CountingSource(frames), CountingSource(other))
        turns = [[provider(source, t) for source in sources] for t in (1, 2, 3)]
        assert np.array_equal(np.swapaxes(turns, 0, 1), alone)

    def test_copies_give_the_same(self, frames):
        provider = self.provider()
        flow = provider.between(*frames[:2])
        for other in (copy.deepcopy(provider), pickle.loads(pickle.dumps(provider))):
            assert np.array_equal(other.between(*frames[:2]), flow)

    def test_images_are_left_as_they_are(self, frames):
        before = [frame.copy() for frame in frames]
        self.provider().between(*frames[:2])
        assert np.array_equal(before, frames)

    def test_its_settings_are_json(self):
        assert json.dumps(self.provider().settings) == json.dumps(self.provider().settings)
