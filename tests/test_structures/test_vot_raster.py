"""Overlaps of regions equal the VOT toolkit's (tests/data/goldens/vot, or vot-toolkit 0.9.0 run by hand)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vosplug.errors import AnnotationError
from vosplug.evaluation.functional import box_iou
from vosplug.structures.vot_raster import is_empty, mask_region, rasterise, region_overlap
from vosplug.structures.vot_region import Mask, Point, Polygon, Rectangle

GOLDENS = Path(__file__).parents[1] / 'data' / 'goldens'
ARRAYS = dict(np.load(GOLDENS / 'vot.npz'))
EDGES = {
    name: tuple(rest) for name, *rest in json.loads((GOLDENS / 'vot.json').read_text())['region_edge_cases']
}
EXACT = dict(rel=0, abs=1e-12)
PICTURE = 30, 20


def block(rows: slice, cols: slice) -> Mask:
    mask = np.zeros(PICTURE[::-1], bool)
    mask[rows, cols] = True
    return mask_region(mask)


def polygon(*points: tuple[float, float]) -> Polygon:
    return Polygon(np.array(points))


def drawn(region: Polygon | Rectangle, *window: int) -> str:
    return '\n'.join(''.join('.#'[int(v)] for v in row) for row in rasterise(region, window))


NOTHING = mask_region(np.zeros(PICTURE[::-1], bool))
BLOCK = block(slice(4, 10), slice(5, 11))
TRIANGLE = polygon((2.2, 3.4), (14.6, 5.1), (7.3, 15.8))
STAR = polygon((15, 1), (19, 14), (5, 6), (25, 6), (11, 14))
NOTCH = polygon((1, 1), (20, 1), (20, 10), (12, 10), (12, 5), (8, 5), (8, 10), (1, 10))


def test_rectangles_equal_the_toolkit():
    pairs = [(Rectangle(*a), Rectangle(*b)) for a, b in zip(ARRAYS['rect_a'], ARRAYS['rect_b'], strict=True)]
    assert [region_overlap(a, b) for a, b in pairs] == pytest.approx(ARRAYS['rect_overlap'], **EXACT)
    clipped = [region_overlap(a, b, (64, 48)) for a, b in pairs]
    assert clipped == pytest.approx(ARRAYS['rect_overlap_bounds'], **EXACT)


# poly_rect is left out: its polygon was not recorded
@pytest.mark.parametrize(
    'name, a, b',
    [
        ('empty_empty', NOTHING, NOTHING),
        ('empty_block', NOTHING, BLOCK),
        ('onepixel_same', *[block(slice(4, 5), slice(5, 6))] * 2),
        ('row_same', *[block(slice(6, 7), slice(5, 10))] * 2),
        ('row_block', block(slice(6, 7), slice(5, 10)), BLOCK),
        ('block_same', BLOCK, BLOCK),
        ('rect_rect', Rectangle(2, 3, 10, 15), Rectangle(5, 4, 10, 15)),
        ('rect_mask', Rectangle(5, 4, 6, 6), BLOCK),
        ('rect_outside', Rectangle(25, 15, 10, 10), Rectangle(25, 15, 5, 5)),
    ],
)
def test_edge_cases_equal_the_toolkit(name, a, b):
    assert (region_overlap(a, b), region_overlap(a, b, PICTURE)) == pytest.approx(EDGES[name], **EXACT)


@pytest.mark.parametrize(
    'a, b, free, clipped',
    [
        (TRIANGLE, Rectangle(3, 4, 9, 9), 69 / 106, 69 / 106),
        (TRIANGLE, block(slice(3, 12), slice(4, 12)), 59 / 107, 59 / 107),
        (STAR, Rectangle(8, 4, 14, 8), 0.38926174496644295, 0.38926174496644295),
        (NOTCH, STAR, 0.19298245614035087, 0.19298245614035087),
        (polygon((-6, -4), (8, -2), (3, 9)), Rectangle(0, 0, 6, 6), 0.18556701030927836, 0.6862745098039216),
        (polygon((20, 10), (40, 12), (30, 30)), Rectangle(22, 11, 12, 12), 0.5506607929515418, 6 / 7),
        (polygon((2, 5), (9, 5), (14, 5)), Rectangle(2, 2, 9, 9), 8 / 81, 8 / 81),
        (Mask(np.ones((4, 5)) > 0, (-2, 17)), Mask(np.ones((3, 3)) > 0, (0, 18)), 0.45, 2 / 3),
        (Rectangle(2.5, 3.5, 10.5, 8.49), Rectangle(3, 4, 10, 8), 9 / 11, 9 / 11),
        (Rectangle(3, 3, 0, 5), Rectangle(3, 3, 4, 5), 0, 0),
        (0, Rectangle(3, 4, 9, 9), 0, 0),
        (1, 0, 1, 1),
    ],
)
def test_polygons_masks_and_codes_equal_the_toolkit(a, b, free, clipped):
    for one, other in ((a, b), (b, a)):
        assert region_overlap(one, other) == pytest.approx(free, **EXACT)
        assert region_overlap(one, other, PICTURE) == pytest.approx(clipped, **EXACT)


def test_rectangles_left_of_the_picture_are_cut_as_the_toolkit_does():
    assert region_overlap(Rectangle(-5, -5, 10, 10), Rectangle(0, 0, 5, 5)) == 0
    assert region_overlap(Rectangle(-5, -5, 10, 10), Rectangle(0, 0, 5, 5), PICTURE) == 1
    assert region_overlap(Rectangle(-20, -20, 10, 10), Rectangle(-18, -17, 10, 10)) == 0.25


def test_pixels_of_a_polygon():
    assert drawn(polygon((1, 0), (5, 2), (1, 4)), 0, 0, 6, 5) == (
        '.#.....\n.###...\n.#####.\n.###...\n.#.....\n.......'
    )
    # in the row where the notch begins the toolkit loses what is right of it
    assert drawn(polygon((0, 0), (6, 0), (6, 3), (4, 3), (4, 1), (2, 1), (2, 3), (0, 3)), 0, 0, 6, 3) == (
        '#######\n#####..\n###.###\n###.###'
    )


def test_pixels_of_a_rectangle_round_halves_to_even():
    assert drawn(Rectangle(0.5, 1.5, 2.5, 1.4), 0, 0, 4, 3) == '.....\n.....\n##...\n.....'


def test_a_window_shows_its_part_of_a_region():
    for region in (TRIANGLE, STAR, BLOCK, Rectangle(5, 4, 6, 6)):
        whole = rasterise(region, (0, 0, 29, 19))
        assert (rasterise(region, (6, 5, 17, 30))[:15] == whole[5:, 6:18]).all()
        assert not rasterise(region, (40, 40, 50, 45)).any()


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=8)))
def test_a_mask_region_is_its_mask(mask):
    region = mask_region(mask)
    height, width = mask.shape
    assert (rasterise(region, (0, 0, width - 1, height - 1)) == mask).all()
    assert not region.mask.size or region.mask[[0, -1]].any(1).all() and region.mask[:, [0, -1]].any(0).all()


corner, side = st.integers(-5, 25), st.integers(0, 12)


@given(*[st.tuples(corner, corner, side, side)] * 2)
def test_overlap_of_whole_pixels_is_that_of_their_masks(a, b):
    boxes = Rectangle(*a), Rectangle(*b)
    masks = [Mask(np.ones((max(r.height, 0), r.width), bool), (r.x, r.y)) for r in boxes]
    inside = [rasterise(m, (0, 0, 29, 19)) for m in masks]
    assert all((rasterise(r, (0, 0, 29, 19)) == m).all() for r, m in zip(boxes, inside, strict=True))
    overlap = region_overlap(*boxes, PICTURE)
    assert overlap == region_overlap(*reversed(boxes), PICTURE) and 0 <= overlap <= 1


def test_box_iou_equals_the_area_of_shapely_polygons():
    boxes = dict(np.load(GOLDENS / 'box_metrics.npz'))
    found = box_iou(boxes['prim_a'], boxes['prim_b'])
    assert found == pytest.approx(boxes['prim_poly_iou'], rel=0, abs=1e-9)
    assert np.count_nonzero(found > 0.1) > 10


@pytest.mark.parametrize(
    'region, message',
    [
        (Rectangle(np.nan, 0, 1, 1), 'finite'),
        (Rectangle(0, 0, 1e12, 1), 'below 2147483648'),
        (polygon((0, 0), (1, 1)), r'\(2, 2\)'),
        (Mask(np.zeros((2, 2)), (0, 0)), 'float64'),
        (np.ones((4, 4), bool), 'found ndarray'),
    ],
)
def test_a_wrong_region_is_named(region, message):
    with pytest.raises(AnnotationError, match=message):
        rasterise(region, (0, 0, 3, 3))
    with pytest.raises(AnnotationError, match=message):
        region_overlap(region, 0)


def test_a_wrong_window_or_mask_is_named():
    with pytest.raises(AnnotationError, match=r'\(3, 0, 2, 5\)'):
        rasterise(BLOCK, (3, 0, 2, 5))
    with pytest.raises(AnnotationError, match=r'\(4,\)'):
        mask_region(np.ones(4, bool))


def test_a_point_has_no_pixels():
    assert not rasterise(Point(5, 6), (0, 0, 29, 19)).any()
    assert is_empty(Point(5, 6)) and region_overlap(Point(5, 6), BLOCK) == 0
