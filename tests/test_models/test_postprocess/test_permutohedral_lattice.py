"""Gaussian filtering on the permutohedral lattice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from vosplug.models.postprocess.permutohedral_lattice import PermutohedralLattice, _embed, _simplices


def random_points(seed: int, dims: int, count: int = 200, spread: float = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, (dims, count))


def filtered_mean(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    lattice = PermutohedralLattice(points)
    return lattice(values) / lattice(np.ones_like(values))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), dims=st.integers(1, 6), spread=st.sampled_from([0.0, 0.01, 1, 1e3, 1e6]))
def test_points_are_the_weighted_means_of_their_simplex_vertices(seed, dims, spread):
    points = random_points(seed, dims, spread=spread)
    remainder0, order, weights = _simplices(points)
    size = dims + 1
    assert weights.min() >= -1e-6 and np.allclose(weights.sum(0), 1, atol=1e-6)
    rank = np.argsort(order, 0)
    vertices = np.stack([remainder0 * size + k - size * (rank > dims - k) for k in range(size)])
    assert not vertices.sum(1).any()  # all lie in the hyperplane
    assert (vertices % size == np.arange(size)[:, None, None]).all()
    mean = (weights[:, None] * vertices).sum(0)
    assert np.allclose(mean, _embed(points) * size, atol=1e-5)


@pytest.mark.parametrize(
    ('dims', 'count', 'spread', 'mean', 'largest'),
    [(1, 1000, 6, 0.01, 0.03), (2, 2000, 6, 0.01, 0.05), (3, 3000, 4, 0.02, 0.08), (5, 3000, 2, 0.03, 0.12)],
)
def test_weighted_means_are_close_to_those_of_a_gaussian(dims, count, spread, mean, largest):
    points = np.random.default_rng(0).uniform(0, spread, (dims, count))
    values = (points[0] > spread / 2).astype(np.float32)
    kernel = np.exp(-0.5 * cdist(points.T, points.T, 'sqeuclidean'))
    error = np.abs(filtered_mean(points, values) - kernel @ values / kernel.sum(1))
    assert error.mean() < mean and error.max() < largest


def test_the_mean_variance_over_positions_is_1():
    axis = np.arange(-5, 5.01, 0.1)
    points = np.stack([a.ravel() for a in np.meshgrid(axis, axis)])
    lattice = PermutohedralLattice(points)
    variances = []
    for centre in np.random.default_rng(0).integers(40, 60, (40, 2)) @ [len(axis), 1]:
        impulse = np.zeros(points.shape[1], np.float32)
        impulse[centre] = 1
        response = lattice(impulse)
        variances.append((response * (points - points[:, [centre]]) ** 2).sum(1) / response.sum())
    assert np.mean(variances) == pytest.approx(1, abs=0.03)


def test_far_points_do_not_mix():
    points = np.array([[0, 0.5, 100, 100.5], [0, 0, 0, 0]])
    filtered = PermutohedralLattice(points)(np.float32([1, 0, 0, 0]))
    assert (filtered[:2] > 0).all() and not filtered[2:].any()


def test_filtering_is_linear_and_deterministic():
    points = random_points(0, 5)
    a, b = np.random.default_rng(1).random((2, points.shape[1]), np.float32)
    lattice = PermutohedralLattice(points)
    assert np.allclose(lattice(2 * a + b), 2 * lattice(a) + lattice(b), atol=1e-6)
    assert np.array_equal(lattice(a), PermutohedralLattice(points)(a))


def test_one_point_and_equal_points():
    assert filtered_mean(np.zeros((5, 1)), np.float32([0.7])) == pytest.approx([0.7])
    assert np.allclose(filtered_mean(np.full((5, 4), 3.3), np.float32([0, 0, 1, 1])), 0.5)
