"""Run lengths and polygons are checked before pycocotools sees them, and decode as it does."""

import time

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
        ([[0, 0, 10, 6] * 5000], 'outlines are no longer than 1800 pixels'),
        ([[0, 0, 10, 6, 0, 6]] * 100, 'outlines are no longer than 1800 pixels'),
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


coordinates = st.floats(-7, 14, width=32)
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=8)


@given(st.lists(polygons.map(lambda points: [value for point in points for value in point]), min_size=1))
def test_polygons_decode_as_pycocotools_does(segmentation):
    theirs = coco_mask.merge(coco_mask.frPyObjects(segmentation, *SIZE))
    try:
        ours = decode_segmentation(segmentation, SIZE)
    except AnnotationError as error:
        assert 'outlines' in str(error)
        return
    assert np.array_equal(ours, coco_mask.decode(theirs))


def test_a_polygon_that_zigzags_over_a_large_image_is_refused():
    xs = np.linspace(0, 10000, 9999)
    zigzag = np.stack([xs, np.where(np.arange(9999) % 2, 10000, 0)], 1).ravel().tolist()
    with pytest.raises(AnnotationError, match='outlines are no longer than 2000000 pixels'):
        decode_segmentation([zigzag], (10000, 10000))


def test_many_polygons_are_united_in_linear_time():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 1000, (10000, 1, 2)) + rng.uniform(0, 5, (10000, 3, 2))
    start = time.process_time()
    mask = decode_segmentation(corners.reshape(10000, 6).tolist(), (1010, 1010))
    assert time.process_time() - start < 5  # merged one after the other: a minute
    assert 10000 < mask.sum() < 60000


@pytest.mark.parametrize('segmentation', [RLE((20000, 20000), [4 * 10**8]), [[1, 1, 5, 1, 5, 5]]])
def test_masks_beyond_the_limit_of_pixels_are_refused(segmentation):
    with pytest.raises(AnnotationError, match='20000x20000 pixels, more than the limit of 100,000,000'):
        decode_segmentation(segmentation, (20000, 20000))


def test_run_lengths_of_another_size_are_refused():
    with pytest.raises(AnnotationError, match='is 7x11, its video is 11x7'):
        decode_segmentation(RLE(SIZE[::-1], [77]), SIZE)
