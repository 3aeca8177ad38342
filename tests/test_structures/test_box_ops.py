"""Boxes and masks turn into each other without losing a pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vosplug.structures import boxes_of_mask, fill_box, merge_object_masks
from vosplug.structures.box_ops import in_image

SIZE = (9, 13)


@st.composite
def pixel_boxes(draw):
    x1, y1 = draw(st.integers(0, SIZE[1] - 1)), draw(st.integers(0, SIZE[0] - 1))
    return [x1, y1, draw(st.integers(x1 + 1, SIZE[1])), draw(st.integers(y1 + 1, SIZE[0]))]


@given(pixel_boxes(), st.integers(1, 254))
def test_box_to_fill_to_box(box, object_id):
    filled = fill_box(box, SIZE)
    assert filled.sum() == (box[2] - box[0]) * (box[3] - box[1])
    found = boxes_of_mask(filled.astype(np.uint8) * object_id)
    assert list(found) == [object_id] and found[object_id].tolist() == box
    assert found[object_id].dtype == np.float32


@given(arrays(np.uint8, SIZE, elements=st.sampled_from([0, 2, 9, 254, 255])))
def test_box_is_tight_and_void_is_no_object(mask):
    boxes = boxes_of_mask(mask)
    assert set(boxes) == set(np.unique(mask).tolist()) - {0, 255}
    for object_id, box in boxes.items():
        x1, y1, x2, y2 = box.astype(int)
        hit = mask == object_id
        assert hit[y1:y2, x1:x2].sum() == hit.sum()
        assert hit[y1].any() and hit[y2 - 1].any() and hit[:, x1].any() and hit[:, x2 - 1].any()


def test_a_pixel_belongs_to_the_box_that_holds_its_centre():
    assert np.argwhere(fill_box((0.6, 0, 2.4, 1), (2, 4))).tolist() == [[0, 1]]
    assert fill_box((0.5, 0, 1.5, 1), (1, 3)).tolist() == [[True, False, False]]


def test_boxes_are_cut_at_the_border_and_may_lie_outside():
    assert fill_box((-5, -5, 2, 2), SIZE).sum() == 4
    assert not fill_box((20, 20, 30, 30), SIZE).any()


def test_the_smaller_object_is_on_top():
    large, small = fill_box((0, 0, 8, 8), SIZE), fill_box((2, 2, 4, 4), SIZE)
    for order in ({9: small, 4: large}, {4: large, 9: small}):
        merged = merge_object_masks(order, SIZE)
        assert (merged == 9).sum() == 4 and (merged == 4).sum() == 60
    assert merge_object_masks({}, SIZE).shape == SIZE


@given(st.dictionaries(st.sampled_from([1, 2, 3, 200, 254]), arrays(bool, SIZE)), st.randoms())
def test_masks_merge_alike_in_any_order(masks, rng):
    expected = np.zeros(SIZE, np.uint8)
    for i in sorted(masks, key=lambda i: (-masks[i].sum(), i)):
        expected[masks[i]] = i
    pairs = list(masks.items())
    rng.shuffle(pairs)
    assert np.array_equal(merge_object_masks(masks, SIZE), expected)
    assert np.array_equal(merge_object_masks(iter(pairs), SIZE), expected)


@pytest.mark.parametrize(
    ('box', 'pixels'),
    [
        ((1.6, 0.6, 1.9, 0.9), [(0, 1)]),
        ((1.6, 0, 1.9, 2), [(0, 1), (1, 1)]),
        ((-9, 0, 0.3, 1), [(0, 0)]),
        ((2.8, 1.9, 9, 9), [(1, 2)]),
        ((np.nextafter(3, 0), 0, 9, 1), [(0, 2)]),
        ((-9, 0, 0, 1), []),
        ((3, 0, 9, 1), []),
        ((1, 1, 1, 2), []),
        ((2, 1, 1, 2), []),
        ((1, np.nan, 2, 2), []),
    ],
)
def test_every_box_in_the_image_has_a_pixel_and_no_other_has_any(box, pixels):
    found = fill_box(box, (2, 3))
    assert list(zip(*map(np.ndarray.tolist, np.nonzero(found)), strict=True)) == pixels
    assert in_image(box, (2, 3)) == bool(pixels)
