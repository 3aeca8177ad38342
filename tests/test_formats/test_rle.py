"""Run lengths and polygons are checked before pycocotools sees them, and decode as it does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco_mask

from vosplug.errors import AnnotationError
from vosplug.formats.rle import decode_mask, decode_segmentation, encode_mask
from vosplug.formats.schema import RLE

SIZE = (7, 11)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_masks_come_back(mask):
    text = encode_mask(mask)
    assert np.array_equal(decode_mask(text, mask.shape), mask)
    theirs = coco_mask.decode(dict(size=list(mask.shape), counts=text.encode()))
    assert np.array_equal(decode_mask(text, mask.shape), theirs)


def test_long_runs_come_back():
    mask = np.zeros((2000, 3000), bool)
    mask[1234, 2345:] = mask[:3, :2] = True
    assert np.array_equal(decode_mask(encode_mask(mask), mask.shape), mask)


@pytest.mark.parametrize(
    ('counts', 'says'),
    [
        ([], 'found 0 in 0 runs'),
        ([76], 'found 76 in 1 runs'),
        ([78], 'found 78'),
        ([70, 8, -1], 'none of them negative'),
        ([10**18, 77 - 10**18], 'none of them negative'),
        ('', 'compressed run lengths'),
        ('0', 'found 0'),
        ('o' * 20 + '0', 'compressed run lengths'),
        ('ø', 'compressed run lengths'),
        ('\x01', 'compressed run lengths'),
        ('o', 'compressed run lengths'),
        ('_', 'compressed run lengths'),
    ],
)
def test_run_lengths_that_do_not_fill_the_mask_are_refused(counts, says):
    with pytest.raises(AnnotationError, match=says):
        decode_mask(counts, SIZE)


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=8))
def test_any_text_is_a_whole_mask_or_an_error(text):
    try:
        mask = decode_mask(text, SIZE)
    except AnnotationError:
        return
    assert mask.shape == SIZE and mask.dtype == bool


@pytest.mark.parametrize(
    ('polygons', 'says'),
    [
        ([], 'empty list'),
        ([[]], 'found 0 numbers'),
        ([[1, 1, 5, 1]], 'found 4 numbers'),
        ([[1, 1, 5, 1, 5, 5, 2]], 'found 7 numbers'),
        ([[1, 1, 5, 1, 5, 5], [1, 1, 5, 5]], 'found 4 numbers'),
        ([[1e8, 1e8, 2e8, 1e8, 2e8, 2e8]], 'outside by no more than its size'),
        ([[1, 1, 3e7, 1, 5, 5]], 'outside by no more than its size'),
        ([[1, 1, float('nan'), 1, 5, 5]], 'outside by no more than its size'),
        ([[-12, 1, 5, 1, 5, 5]], 'outside by no more than its size'),
        ([[0, 0, 10, 6] * 5000], 'outline is no longer'),
    ],
)
def test_polygons_that_are_none_are_refused(polygons, says):
    with pytest.raises(AnnotationError, match=says):
        decode_segmentation(polygons, SIZE)


def test_polygons_that_leave_the_image_are_cut_and_united():
    expected = np.zeros(SIZE, bool)
    expected[1:4, :3] = expected[5:, 8:] = True
    polygons = [[-11, 1, 3, 1, 3, 4, -11, 4], [8, 5, 22, 5, 22, 14, 8, 14]]
    assert np.array_equal(decode_segmentation(polygons, SIZE), expected)


def test_run_lengths_of_another_size_are_refused():
    with pytest.raises(AnnotationError, match='is 7x11, its video is 11x7'):
        decode_segmentation(RLE(SIZE[::-1], [77]), SIZE)
