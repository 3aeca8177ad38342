"""The DAVIS palette and overlays in its colours."""

import cv2
import numpy as np
import pytest

from vosplug.visualization import davis_palette, draw_overlay

IMAGE = np.full((60, 80, 3), 90, np.uint8)
MASK = np.zeros((60, 80), np.uint8)
MASK[10:30, 10:40] = 1
MASK[35:55, 50:75] = 5


def test_palette_starts_like_pascal_voc():
    palette = davis_palette()
    assert palette.shape == (256, 3) and palette.dtype == np.uint8
    assert palette[:5].tolist() == [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [0, 0, 128]]
    assert palette[20].tolist() == [0, 64, 128]
    assert palette[255].tolist() == [224, 224, 192]
    assert len(np.unique(palette, axis=0)) == 256


def test_background_is_untouched_and_the_input_unchanged():
    image, mask = IMAGE.copy(), MASK.copy()
    drawn = draw_overlay(image, mask, labels=False)
    assert np.array_equal(drawn[MASK == 0], IMAGE[MASK == 0])
    assert np.array_equal(image, IMAGE) and np.array_equal(mask, MASK)


@pytest.mark.parametrize('alpha', [0.0, 0.5, 1.0])
@pytest.mark.parametrize('object_id', [1, 5])
def test_object_pixels_move_to_their_colour(object_id, alpha):
    drawn = draw_overlay(IMAGE, MASK, alpha=alpha, contour=False, labels=False)
    colour = davis_palette()[object_id, ::-1].astype(float)
    expected = (1 - alpha) * 90 + alpha * colour
    assert np.abs(drawn[object_id == MASK] - expected).max() <= 0.5


def test_contours_are_inside_the_object_and_one_pixel_wide():
    plain = draw_overlay(IMAGE, MASK, contour=False, labels=False)
    changed = (draw_overlay(IMAGE, MASK, labels=False) != plain).any(2)
    eroded = cv2.erode((MASK == 1).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    assert np.array_equal(changed & (MASK != 5), (MASK == 1) & (eroded == 0))


def test_void_is_hatched_grey_not_coloured():
    mask = np.full((30, 30), 255, np.uint8)
    drawn = draw_overlay(IMAGE[:30, :30], mask)
    values = np.unique(drawn.reshape(-1, 3), axis=0)
    assert len(values) == 2 and (values == values[:, :1]).all()


def test_box_lines_lie_on_the_outermost_pixels():
    drawn = draw_overlay(IMAGE, np.zeros_like(MASK), boxes={3: (10, 20, 30, 40)}, labels=False)
    rows, cols = np.nonzero((drawn != IMAGE).any(2))
    assert (cols.min(), rows.min(), cols.max(), rows.max()) == (10, 20, 29, 39)


def test_labels_mark_every_object():
    plain = draw_overlay(IMAGE, MASK, labels=False)
    changed = (draw_overlay(IMAGE, MASK) != plain).any(2)
    assert changed[8:25, 8:25].any() and changed[33:50, 48:65].any()


def test_empty_and_tiny_pictures_pass():
    assert np.array_equal(draw_overlay(IMAGE, np.zeros_like(MASK)), IMAGE)
    assert draw_overlay(IMAGE[:1, :1], np.ones((1, 1), np.uint8)).shape == (1, 1, 3)


def test_sizes_must_agree():
    with pytest.raises(ValueError, match='nearest'):
        draw_overlay(IMAGE, MASK[:-1])
