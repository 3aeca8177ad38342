"""Crops around boxes: there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vosplug.errors import ConfigError
from vosplug.structures import BoxCrop, fill_box

SHAPE, SIZE = (40, 60), (33, 41)


def boxes() -> st.SearchStrategy:
    """Boxes that overlap the image by a pixel or more, some of them partly outside."""
    low = st.tuples(st.floats(-30, 58), st.floats(-30, 38))
    side = st.tuples(st.floats(1, 80), st.floats(1, 80))
    made = st.builds(lambda a, b: np.float32([*a, a[0] + b[0], a[1] + b[1]]), low, side)
    return made.filter(lambda box: box[2] >= 1 and box[3] >= 1)


@given(boxes(), st.integers(0, 20))
def test_the_window_lies_in_the_image_and_holds_the_box(box, margin):
    left, top, right, bottom = BoxCrop.around(box, SHAPE, SIZE, margin).window
    assert 0 <= left < right <= SHAPE[1]
    assert 0 <= top < bottom <= SHAPE[0]
    inside = np.clip(box, 0, [SHAPE[1], SHAPE[0]] * 2)
    assert left <= inside[0] and top <= inside[1] and right >= inside[2] and bottom >= inside[3]


def test_a_relative_margin_grows_with_the_box():
    box = np.float32([100, 80, 130, 90])
    near = BoxCrop.around(box, (400, 600), SIZE, relative_margin=0.2)
    assert near.window == (96, 76, 134, 94), 'a fifth of the mean side, 20'
    far = BoxCrop.around(2 * box, (800, 1200), SIZE, relative_margin=0.2)
    assert far.window == tuple(2 * side for side in near.window)
    both = BoxCrop.around(box, (400, 600), SIZE, margin=3, relative_margin=0.2)
    assert both.window == (93, 73, 137, 97)


@pytest.mark.parametrize(
    'wrong',
    [
        dict(margin=-1),
        dict(margin=float('nan')),
        dict(relative_margin=-0.1),
        dict(relative_margin='0.2'),
        dict(size=(33,)),
        dict(size=(33, 0)),
        dict(size=(33.5, 41)),
    ],
)
def test_an_invalid_crop_is_named(wrong):
    key = next(iter(wrong))
    with pytest.raises(ConfigError, match=rf'crop\.{key}: found .*, expected'):
        BoxCrop.around([10, 8, 30, 20], SHAPE, **{'size': SIZE, **wrong})


@given(boxes())
def test_what_is_pasted_fills_the_window_and_nothing_else(box):
    crop = BoxCrop.around(box, SHAPE, SIZE, 5)
    whole = crop.paste(np.ones(SIZE, np.float32))
    left, top, right, bottom = crop.window
    expected = np.zeros(SHAPE, np.float32)
    expected[top:bottom, left:right] = 1
    assert np.allclose(whole, expected)


def test_a_crop_of_the_window_s_own_size_is_the_picture_with_the_box():
    image = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), np.uint8)
    box = np.float32([10, 8, 30, 20])
    crop = BoxCrop.around(box, SHAPE, (20, 28), 4)
    assert crop.window == (6, 4, 34, 24)
    seen = crop.image(image)
    assert np.array_equal(seen[:3], image[4:24, 6:34, ::-1].transpose(2, 0, 1))
    assert np.array_equal(seen[3], 255 * fill_box(box - [6, 4, 6, 4], (20, 28)).astype(np.uint8))


@pytest.mark.parametrize('size', [(200, 150), (17, 90)])
def test_a_mask_survives_the_way_there_and_back(size):
    mask = fill_box([12, 9, 41, 33], SHAPE).astype(np.uint8)
    crop = BoxCrop.around([12, 9, 41, 33], SHAPE, size, 6)
    back = crop.paste(crop.labels(mask).astype(np.float32)) > 0.5
    assert (back & (mask > 0)).sum() / (back | (mask > 0)).sum() > 0.9


def test_labels_keep_their_values():
    mask = np.zeros(SHAPE, np.uint8)
    mask[10:20, 10:20], mask[20:30] = 1, 255
    assert set(np.unique(BoxCrop.around([8, 8, 40, 35], SHAPE, SIZE, 3).labels(mask))) == {0, 1, 255}


@given(boxes(), st.sampled_from([(48, 83), (64, 32), (30, 30)]), st.floats(0.5, 6))
def test_an_undistorted_crop_holds_the_box_at_its_aspect_ratio(box, size, factor):
    crop = BoxCrop.undistorted(box, SHAPE, size, factor)
    left, top, right, bottom = crop.window
    inside = np.clip(box, 0, [SHAPE[1], SHAPE[0]] * 2)
    assert left <= inside[0] and top <= inside[1] and right >= inside[2] and bottom >= inside[3]
    zoom = (right - left) / size[1], (bottom - top) / size[0]
    assert abs(zoom[0] - zoom[1]) <= 1.001 / min(size)
    # no larger than the image on one axis, and where the window fits it lies inside
    assert right - left <= SHAPE[1] or bottom - top <= SHAPE[0]
    assert right - left > SHAPE[1] or (left >= 0 and right <= SHAPE[1])
    assert bottom - top > SHAPE[0] or (top >= 0 and bottom <= SHAPE[0])


def test_an_undistorted_crop_is_as_large_as_asked():
    crop = BoxCrop.undistorted(np.float32([300, 200, 320, 220]), (480, 854), (48, 83), 5)
    left, top, right, bottom = crop.window
    assert (right - left) * (bottom - top) == pytest.approx(100**2, rel=0.05)
    assert (left + right) / 2 == pytest.approx(310, abs=1) and (top + bottom) / 2 == pytest.approx(210, abs=1)


def test_beyond_the_image_pixels_are_repeated_and_labels_void():
    image = np.random.default_rng(0).integers(0, 256, (40, 20, 3), np.uint8)
    mask = np.ones((40, 20), np.uint8)
    crop = BoxCrop.undistorted(np.float32([2, 2, 18, 38]), (40, 20), (40, 40), 5)
    assert crop.window == (-10, 0, 30, 40)
    seen, labels = crop.image(image), crop.labels(mask)
    assert np.array_equal(seen[:3, :, 10:30], image[..., ::-1].transpose(2, 0, 1))
    assert np.array_equal(seen[:3, :, :10], np.repeat(seen[:3, :, 10:11], 10, 2))
    assert (labels[:, 10:30] == 1).all() and (labels[:, :10] == 255).all() and (labels[:, 30:] == 255).all()
    assert np.array_equal(seen[3] > 0, fill_box([12, 2, 28, 38], (40, 40)))
    assert np.array_equal(crop.paste(np.float32(labels == 1)), mask)
