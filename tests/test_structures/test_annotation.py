"""Ground truth held as arrays."""

import numpy as np

from vosplug.structures import ArrayAnnotation


def test_frames_without_a_mask_are_not_annotated():
    mask = np.zeros((4, 6), np.uint8)
    mask[1:3, 2:5] = 40
    annotation = ArrayAnnotation([None, mask, None, np.zeros_like(mask)])
    assert annotation.annotated_frames() == [1, 3]
    assert annotation.mask(0) is None and annotation.boxes(0) == {} == annotation.boxes(3)
    assert {i: box.tolist() for i, box in annotation.boxes(1).items()} == {40: [2, 1, 5, 3]}
