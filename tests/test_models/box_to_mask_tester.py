"""The contract of box-to-mask models; one joins by naming its model.

>>> class TestMine(BoxToMaskTester):
...     def model(self):
...         return Mine()
"""

import copy
import pickle
from abc import ABC, abstractmethod

import numpy as np
import pytest
import torch
from small_videos import CountingSource

from vosplug.models import BoxToMask
from vosplug.structures import fill_box

SIZE = (48, 64)
BOXES = np.float32([[10, 8, 30, 26], [33.5, 20.2, 60, 44], [-6, -3, 9, 12]])
# a pixel, a speck and a line between pixel centres, almost beside the image on both sides, all of it and more
EXTREME = np.float32(
    [
        *([0, 0, 1, 1], [63, 47, 64, 48], [5.6, 5.6, 5.9, 5.9], [20.6, 10, 20.9, 30]),
        *([-40, -30, 0.4, 0.4], [63.7, 20, 90, 40], [-5, -5, 200, 200]),
    ]
)
NOTHING = np.float32([[-20, 5, -2, 9], [64, 5, 70, 9], [10, 10, 10, 20], [np.nan] * 4, [9, 9, np.nan, 20]])


def mask_of(model: BoxToMask, image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The mask (H, W) of one box."""
    with torch.no_grad():
        (mask,) = model([image], 0, {0: np.float32(box)[None]})
    return mask


class BoxToMaskTester(ABC):
    """What prompts, training clips and the pseudo-label factory rely on."""

    @abstractmethod
    def model(self) -> BoxToMask:
        """A small model that looks at one frame or more."""

    @pytest.fixture
    def frames(self) -> list[np.ndarray]:
        rng = np.random.default_rng(3)
        return list(rng.integers(0, 256, (4, *SIZE, 3), np.uint8))

    @pytest.fixture
    def masks(self, frames) -> np.ndarray:
        return self.model()(frames, 1, {1: BOXES})

    def test_every_box_gives_a_mask_of_probabilities(self, masks):
        assert masks.shape == (3, *SIZE) and masks.dtype == np.float32
        assert np.isfinite(masks).all() and masks.min() >= 0 and masks.max() <= 1

    def test_a_mask_lies_in_its_box(self, masks):
        for mask, box in zip(masks, BOXES, strict=True):
            inside = fill_box(box, SIZE)
            assert mask[inside].any() and not mask[~inside].any()

    def test_the_smallest_and_largest_boxes_have_masks(self, frames):
        masks = self.model()(frames, 1, {1: EXTREME})
        assert masks.shape == (len(EXTREME), *SIZE) and np.isfinite(masks).all()
        assert masks.min() >= 0 and masks.max() <= 1
        for mask, box in zip(masks, EXTREME, strict=True):
            inside = fill_box(box, SIZE)
            assert mask[inside].any() and not mask[~inside].any(), box

    def test_boxes_that_show_nothing_have_no_mask(self, frames, masks):
        boxes = np.concatenate([NOTHING, BOXES])
        found = self.model()(frames, 1, {0: boxes[::-1], 1: boxes, 2: np.roll(boxes, 2, 0)})
        assert not found[: len(NOTHING)].any() and all(mask.any() for mask in found[len(NOTHING) :])
        assert not self.model()(frames, 1, {1: NOTHING}).any()

    def test_objects_do_not_meet(self, frames, masks):
        for k in range(3):
            alone = self.model()(frames, 1, {1: BOXES[k : k + 1]})
            np.testing.assert_allclose(alone[0], masks[k], atol=1e-5)

    def test_it_gives_the_same_again(self, frames, masks):
        model = self.model()
        np.random.rand(3), torch.rand(3)
        assert np.array_equal(model(frames, 1, {1: BOXES}), masks)
        assert np.array_equal(copy.deepcopy(model)(frames, 1, {1: BOXES}), masks)

    def test_workers_of_a_data_loader_can_have_it(self, frames, masks):
        assert np.array_equal(pickle.loads(pickle.dumps(self.model()))(frames, 1, {1: BOXES}), masks)

    def test_boxes_of_other_frames_may_be_unknown(self, frames):
        other = BOXES.copy()
        other[1] = np.nan
        found = self.model()(frames, 1, {0: other, 1: BOXES, 3: other})
        assert np.isfinite(found).all() and found.shape == (3, *SIZE)

    def test_only_frames_with_boxes_are_decoded(self, frames):
        source = CountingSource(frames)
        self.model()(source, 1, {1: BOXES, 2: BOXES})
        assert 1 in source.decoded and set(source.decoded) <= {1, 2}

    def test_images_are_left_as_they_are(self, frames):
        before = [frame.copy() for frame in frames]
        self.model()(frames, 1, {1: BOXES})
        assert all(np.array_equal(a, b) for a, b in zip(before, frames, strict=True))

    def test_many_requests_at_once_give_the_same(self, frames, masks):
        requests = [(frames, 1, {1: BOXES}), (frames, 1, {1: BOXES[:1]})]
        first, second = self.model().batched(iter(requests))
        np.testing.assert_allclose(first, masks, atol=1e-5)
        np.testing.assert_allclose(second, masks[:1], atol=1e-5)

    def test_its_settings_can_be_written(self):
        import json

        assert json.dumps(self.model().settings, default=str) == json.dumps(
            self.model().settings, default=str
        )
