"""The contract of transforms of clips; one joins by naming itself.

>>> class TestMine(ClipTransformTester):
...     def transform(self):
...         return Mine(prob=1)
"""

import copy
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
import pytest

from vosplug.datasets import VideoRecord
from vosplug.datasets.transforms import LoadClip, PackClip
from vosplug.structures import ArrayAnnotation, ArraySource, boxes_of_mask

SIZE = (30, 44)
GREY = 50  # of the image per id


class ClipTransformTester(ABC):
    """What datasets rely on; give a transform that always acts."""

    # False for transforms that change colours: then the image no longer shows which pixels are an object's
    keeps_colours = True

    @abstractmethod
    def transform(self) -> Callable[[dict], dict]:
        """The transform."""

    @staticmethod
    def clip(kind: str = 'mask', seed: int = 0) -> dict:
        """A loaded clip of two objects in three frames; a pixel of the image is its id times 50."""
        rng, masks = np.random.default_rng(seed), []
        for _ in range(3):
            mask = np.zeros(SIZE, np.uint8)
            for i in (1, 2):
                top, left = rng.integers(0, SIZE[0] - 12), rng.integers(22 * (i - 1), 22 * i - 12)
                mask[top : top + 10, left : left + 12] = i
            masks.append(mask)
        frames = [np.repeat(GREY * mask[..., None], 3, 2) for mask in masks]
        record = VideoRecord('clip', ArraySource(frames), ArrayAnnotation(masks))
        return LoadClip()(dict(record=record, frames=[0, 1, 2], object_ids=[1, 2], kind=kind))

    def run(self, kind: str = 'mask', seed: int = 0) -> dict:
        np.random.seed(seed)
        return self.transform()(self.clip(kind, seed))

    @pytest.mark.parametrize('seed', range(5))
    @pytest.mark.parametrize('kind', ['mask', 'box', 'first_mask'])
    def test_what_it_returns_can_be_packed(self, kind, seed):
        packed = PackClip()(self.run(kind, seed))
        sample, (length, _, height, width) = packed['data_samples'], packed['inputs'].shape
        assert sample.id_masks.shape == (length, height, width) and len(sample.frame_names) == length
        assert sample.boxes.shape == (length, 2, 4) and sample.boxes.dtype.is_floating_point
        assert (
            packed['inputs'].dtype == sample.id_masks.dtype and str(packed['inputs'].dtype) == 'torch.uint8'
        )

    @pytest.mark.parametrize('seed', range(5))
    def test_masks_move_with_images(self, seed):
        results = self.run(seed=seed)
        for image, mask in zip(results['imgs'], results['id_masks'], strict=True):
            assert image.shape[:2] == mask.shape
            known = mask != 255
            if self.keeps_colours:
                assert np.array_equal(image[known][:, 0], GREY * mask[known])

    @pytest.mark.parametrize('seed', range(5))
    @pytest.mark.parametrize('kind', ['mask', 'box'])
    def test_boxes_are_tight_around_what_is_left_of_an_object(self, kind, seed):
        results = self.run(kind, seed)
        assert not results['boxes'][~results['visible']].any()
        for k, mask in enumerate(results['id_masks']):
            if kind == 'box' and self.keeps_colours:
                mask = results['imgs'][k][..., 0] // GREY  # the id mask is empty
            elif kind == 'box':
                continue
            tight = boxes_of_mask(np.ascontiguousarray(mask))
            assert [slot + 1 for slot in np.flatnonzero(results['visible'][k])] == sorted(tight)
            for i, box in tight.items():
                assert np.abs(results['boxes'][k, i - 1] - box).max() <= 0.51

    def test_frames_of_the_video_are_left_as_they_are(self):
        clip = self.clip()
        frames = copy.deepcopy(clip['imgs'])
        given = list(clip['imgs'])
        np.random.seed(0)
        self.transform()(clip)
        assert all(np.array_equal(a, b) for a, b in zip(frames, given, strict=True))

    def test_a_seed_of_numpy_decides(self):
        first, second = self.run(), self.run()
        assert all(np.array_equal(first[key], second[key]) for key in ('imgs', 'id_masks', 'boxes'))

    def test_workers_of_a_data_loader_can_have_it(self):
        transform = pickle.loads(pickle.dumps(self.transform()))
        np.random.seed(0)
        assert np.array_equal(transform(self.clip())['imgs'], self.run()['imgs'])
