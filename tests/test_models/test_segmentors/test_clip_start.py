"""The first masks of a clip."""

import numpy as np
import torch
from segmentor_tester import make_clip

from vosplug.models.initializers import FilledBoxInitializer
from vosplug.models.segmentors import BaseVideoSegmentor
from vosplug.models.segmentors.clip_start import first_masks


def start(*clips: dict, initializer=None) -> torch.Tensor:
    images = torch.stack([clip['inputs'][0].float().flip(0) for clip in clips])  # RGB
    targets = BaseVideoSegmentor.stack_targets([clip['data_samples'] for clip in clips])
    return first_masks(targets, images, initializer or FilledBoxInitializer())


def test_a_clip_starts_from_masks_or_filled_boxes():
    started = start(make_clip('mask'), make_clip('box'))
    assert started.shape == (2, 2, 48, 64)
    # the squares fill their boxes, so both start alike; the later square covers the earlier one
    assert torch.equal(started[0], started[1]) and started.sum() > 0


def test_a_slot_that_is_not_valid_starts_empty():
    for kind in ('box', 'mask'):
        started = start(make_clip(kind, shown=[1]))
        assert not started[0, 0].any() and started[0, 1].any()


def test_the_initializer_sees_the_frame_as_a_prompt_does():
    clip, seen = make_clip('box'), []

    def initializer(image: np.ndarray, box: np.ndarray) -> np.ndarray:
        seen.append((image, box))
        return np.full(image.shape[:2], 0.25 * len(seen), np.float32)

    started = start(clip, initializer=initializer)
    assert [float(started[0, n].unique()) for n in range(2)] == [0.25, 0.5]
    frame = clip['inputs'][0].permute(1, 2, 0).numpy()
    for (image, box), expected in zip(seen, clip['data_samples'].boxes[0], strict=True):
        assert image.dtype == np.uint8 and np.array_equal(image, frame) and np.array_equal(box, expected)
