"""Dilation by a disc, of tensors as OpenCV does it of arrays."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vosplug.structures import dilate_masks


def disc(radius: int) -> np.ndarray:
    at = np.arange(-radius, radius + 1)
    return (np.hypot(*np.meshgrid(at, at)) <= radius).astype(np.uint8)


@pytest.mark.parametrize('radius', range(8))
def test_a_pixel_becomes_all_pixels_within_the_radius(radius):
    masks = torch.zeros(1, 21, 25)
    masks[0, 9, 11] = 0.75
    rows, cols = np.ogrid[:21, :25]
    within = np.hypot(rows - 9, cols - 11) <= radius
    assert np.array_equal(dilate_masks(masks, radius)[0].numpy(), 0.75 * within)


@given(st.integers(0, 10**6), st.integers(0, 6), st.integers(1, 14), st.integers(1, 14))
def test_it_equals_opencv(seed, radius, height, width):
    rng = np.random.RandomState(seed)
    masks = np.float32(rng.uniform(size=(2, 3, height, width)) * (rng.uniform(size=(height, width)) < 0.2))
    dilated = dilate_masks(torch.from_numpy(masks), radius).numpy()
    for mask, found in zip(masks.reshape(-1, height, width), dilated.reshape(-1, height, width), strict=True):
        assert np.array_equal(found, cv2.dilate(mask, disc(radius)))


@pytest.mark.parametrize('dtype', [torch.float32, torch.float16, torch.uint8, torch.bool])
def test_shape_and_type_stay_and_the_input_too(dtype):
    masks = (torch.arange(2 * 3 * 9 * 8).view(2, 3, 9, 8) % 31 == 0).to(dtype)
    before = masks.clone()
    dilated = dilate_masks(masks, 2)
    assert dilated.dtype == dtype and dilated.shape == masks.shape and torch.equal(masks, before)
    assert (dilated >= masks).all() and dilated.float().sum() > masks.float().sum()
