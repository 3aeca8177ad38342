"""Splines agree with SciPy's, and are the identity where the points determine none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import RBFInterpolator

from vosplug.datasets.transforms import thin_plate_spline


def drawn(seed: int, count: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Control points and their places on a frame of 480x854, and points in and around it."""
    rng = np.random.RandomState(seed)
    source = rng.uniform(0, [854, 480], (count, 2))
    return source, source + rng.uniform(-85, 85, (count, 2)), rng.uniform(-200, 1000, (7, 11, 2))


@pytest.mark.parametrize('count', [3, 5, 20])
def test_it_is_the_spline_of_scipy(count):
    for seed in range(20):
        source, target, points = drawn(seed, count)
        expected = RBFInterpolator(source, target, kernel='thin_plate_spline')(points.reshape(-1, 2))
        found = thin_plate_spline(source, target)(points)
        assert found.shape == points.shape
        assert np.abs(found.reshape(-1, 2) - expected).max() < 1e-4


@given(st.integers(0, 10**6), st.integers(4, 9), st.sampled_from([1e-3, 1, 1e4]))
def test_control_points_land_on_their_targets(seed, count, unit):
    source, target, _ = drawn(seed, count)
    mapping = thin_plate_spline(source * unit, target * unit)
    assert np.abs(mapping(source * unit) - target * unit).max() < 1e-5 * unit


def test_it_bends_and_affine_mappings_are_reproduced():
    source, target, points = drawn(0)
    matrix, offset = np.array([[1.1, 0.2], [-0.3, 0.9]]), np.array([5, -40])
    affine = thin_plate_spline(source, source @ matrix + offset)
    assert np.abs(affine(points) - (points @ matrix + offset)).max() < 1e-6
    corners = np.array([[0, 0], [2, 0], [0, 2], [2, 2]]) * 100.0
    moved = thin_plate_spline(source, target)(corners)
    assert np.abs(moved[0] + moved[3] - moved[1] - moved[2]).max() > 1, 'a parallelogram stays none'


@pytest.mark.parametrize(
    'source',
    [
        np.zeros((0, 2)),
        [[3, 4]],
        [[3, 4], [8, 1]],
        [[3, 4]] * 5,
        [[k, 2 * k + 1] for k in range(5)],
        [[0, 7], [3, 7], [9, 7]],
        [[0, 0], [10, 0], [0, 10], [0, 0], [7, 7]],
    ],
    ids=['none', 'one', 'two', 'one place', 'a line', 'a row', 'two coincide'],
)
def test_points_that_determine_no_spline_move_nothing(source):
    points = np.random.RandomState(0).uniform(-9, 30, (6, 2))
    target = np.asarray(source, float) + np.random.RandomState(1).uniform(-3, 3, np.shape(source))
    assert np.array_equal(thin_plate_spline(source, target)(points), points)
