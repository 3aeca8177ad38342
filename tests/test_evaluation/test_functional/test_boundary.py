"""F against its definition written out, its symmetries and its errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.functional import boundary_f, boundary_f_objects, boundary_map

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=14)
RADII = st.sampled_from([0.008, 0.1, 1, 2, 2.5, 5, 9])


@st.composite
def sparse_pairs(draw):
    """Two masks of a few rectangles in one frame, often far apart or at the frame's edge."""
    masks = np.zeros((2, *draw(SHAPES)), bool)
    for mask in masks:
        for _ in range(draw(st.integers(0, 3))):
            y, x = (draw(st.integers(0, n - 1)) for n in mask.shape)
            mask[y : y + draw(st.integers(1, 5)), x : x + draw(st.integers(1, 5))] ^= True
    return masks


def f_by_definition(mask, gt, radius):
    """Pairwise distances between boundary pixels of the whole frame."""
    edges = []
    for m in (mask, gt):
        p = np.pad(m, ((0, 1), (0, 1)), mode='edge')
        edges.append(np.argwhere((m != p[:-1, 1:]) | (m != p[1:, :-1]) | (m != p[1:, 1:])))
    if not len(edges[0]) or not len(edges[1]):
        return float(len(edges[0]) == len(edges[1]))
    near = ((edges[0][:, None] - edges[1][None]) ** 2).sum(-1) <= radius**2
    precision, recall = near.any(1).mean(), near.any(0).mean()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@given(sparse_pairs(), RADII)
def test_equals_the_definition_on_the_whole_frame(pair, bound_th):
    radius = bound_th if bound_th >= 1 else np.ceil(bound_th * np.hypot(*pair[0].shape))
    assert boundary_f(*pair, bound_th=bound_th) == pytest.approx(f_by_definition(*pair, radius), abs=1e-12)


@given(arrays(bool, st.tuples(st.just(2), st.integers(1, 12), st.integers(1, 12))), RADII)
def test_symmetric_and_transposable(pair, bound_th):
    a, b = pair
    f = boundary_f(a, b, bound_th=bound_th)
    assert f == pytest.approx(boundary_f(b, a, bound_th=bound_th), abs=1e-12)
    assert f == pytest.approx(boundary_f(a.T, b.T, bound_th=bound_th), abs=1e-12)
    assert boundary_f(a, a, bound_th=bound_th) == 1


@given(arrays(bool, st.tuples(st.just(2), st.integers(1, 12), st.integers(1, 12))), RADII)
def test_flips_do_not_matter_away_from_the_edge(pair, bound_th):
    """At the edge they do: the boundary map looks right and down only."""
    a, b = np.pad(pair, ((0, 0), (1, 1), (1, 1)))
    f = boundary_f(a, b, bound_th=bound_th)
    assert f == pytest.approx(boundary_f(a[:, ::-1], b[:, ::-1], bound_th=bound_th), abs=1e-12)
    assert f == pytest.approx(boundary_f(a[::-1], b[::-1], bound_th=bound_th), abs=1e-12)


@given(sparse_pairs(), st.integers(0, 20), st.integers(0, 20))
def test_empty_surroundings_do_not_matter_for_a_fixed_radius(pair, above, left):
    a, b = np.pad(pair, ((0, 0), (1, 1), (1, 1)))
    wide = np.pad([a, b], ((0, 0), (above, 3), (left, 2)))
    assert boundary_f(*wide, bound_th=3) == boundary_f(a, b, bound_th=3)


@given(arrays(np.uint8, (2, 9, 11), elements=st.sampled_from([0, 1, 2, 7, 255])))
def test_objects_are_scored_like_single_masks(pair):
    pred, gt = pair
    expected = {i: boundary_f(pred == i, gt == i, gt == 255, bound_th=2) for i in (1, 2, 7, 9)}
    assert boundary_f_objects(pred, gt, [1, 2, 7, 9], gt == 255, bound_th=2) == expected


@pytest.mark.parametrize('width', [54, 55, 56, 62, 63, 64, 65, 118, 119, 127, 128, 129])
@pytest.mark.parametrize('radius', [1, 8, 9])
def test_row_ends_do_not_leak_into_the_next_row(width, radius):
    masks = np.random.default_rng(width).random((2, 7, width)) > 0.97
    masks[0, 2, :2] = masks[1, 3, -2:] = True
    assert boundary_f(*masks, bound_th=radius) == pytest.approx(f_by_definition(*masks, radius), abs=1e-12)


def test_boundary_lies_half_a_pixel_towards_the_origin():
    mask = np.zeros((4, 5), np.uint8)
    mask[2, 2] = 1
    assert np.argwhere(boundary_map(mask)).tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]
    corner = np.zeros((3, 3), bool)
    corner[2, 2] = True
    assert np.argwhere(boundary_map(corner)).tolist() == [[1, 1], [1, 2], [2, 1]]


def test_radius_is_inclusive_and_euclidean():
    a, b = np.zeros((2, 40, 40), bool)
    a[10, 10], b[13, 14] = True, True
    # 2x2 boundary blocks, offset (3, 4): at radius 4.9 the nearest pairs are (2, 3), the corner pixels' only.
    assert boundary_f(a, b, bound_th=5) == 1
    assert 0 < boundary_f(a, b, bound_th=4.9) < 1
    assert boundary_f(a, b, bound_th=3) == 0


def test_inputs_stay_unchanged():
    a, b = np.random.default_rng(0).integers(0, 2, (2, 30, 40), np.uint8)
    before = a.copy(), b.copy()
    boundary_f(a, b, void=b)
    assert np.array_equal(a, before[0]) and np.array_equal(b, before[1])


def test_wrong_input_is_named():
    with pytest.raises(AnnotationError, match='one size'):
        boundary_f(np.zeros((4, 5), bool), np.zeros((5, 4), bool))
    with pytest.raises(AnnotationError, match='Threshold'):
        boundary_f(np.zeros((4, 5)), np.zeros((4, 5), bool))
    with pytest.raises(ConfigError, match='bound_th'):
        boundary_f(np.zeros((4, 5), bool), np.zeros((4, 5), bool), bound_th=-1)
