"""Gaussian filtering of scattered points in linear time (Adams et al. 2010)."""

from math import sqrt

import numpy as np
from scipy import sparse


class PermutohedralLattice:
    """Filters values at points with an approximate Gaussian of standard deviation 1 in every dimension.

    Points are embedded into the hyperplane of R^(d+1) whose coordinates sum to 0, which the lattice of points
    with integer coordinates, all equal modulo d+1, divides into simplices. A value is spread over the d+1
    vertices of its point's simplex with barycentric weights (splat), vertices are blurred with [1 2 1] / 4
    along each of the d+1 lattice directions, and points collect from their vertices (slice). Only vertices of
    occupied simplices are stored; the blur loses what would pass through others. Filtered values are those of
    the Gaussian up to a constant factor.

    Args:
        points: float (d, P).
    """

    def __init__(self, points: np.ndarray) -> None:
        remainder0, order, weights = _simplices(points)
        vertices, keys = _vertices(remainder0, order)
        dims, count = order.shape
        starts = np.arange(0, dims * count + 1, dims)
        # rows are points, columns vertices
        self.interpolation = sparse.csr_matrix(
            (np.ascontiguousarray(weights.T).ravel(), np.ascontiguousarray(vertices.T).ravel(), starts),
            shape=(count, len(keys)),
        )
        self.neighbours = _neighbours(keys, dims)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Filter values, float32 (P,)."""
        count = self.interpolation.shape[1]
        blurred = np.zeros(count + 1, np.float32)  # absent neighbours point to the last entry, always 0
        blurred[:count] = self.interpolation.T @ values
        for before, after in self.neighbours:
            sides = blurred.take(before)
            sides += blurred.take(after)
            blurred[:count] *= 0.5
            blurred[:count] += 0.25 * sides
        return self.interpolation @ blurred[:count]


def _embed(points: np.ndarray) -> np.ndarray:
    """Points (d, P) in the hyperplane, float64 (d+1, P), in units of d+1.

    Splat and slice have variance (d+1)^2 / 12 each, the blur (d+1)^2 / 2; the scale makes their sum 1.
    """
    dims = len(points)
    basis = np.zeros((dims + 1, dims))
    for k in range(1, dims + 1):
        basis[:k, k - 1] = 1 / sqrt(k * (k + 1))
        basis[k, k - 1] = -k / sqrt(k * (k + 1))
    return sqrt(2 / 12 + 1 / 2) * basis @ points


def _simplices(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The enclosing simplex of every point.

    Returns:
        tuple: its vertex of remainder 0, in units of d+1, int64 (d+1, P); the coordinates in descending order
        of their distance from it, int8 (d+1, P); and the barycentric weights of the vertices of remainder
        0..d, float32 (d+1, P).
    """
    embedded = _embed(points)
    dims = len(embedded)
    nearest = np.rint(embedded)
    distance = (embedded - nearest).astype(np.float32)
    rank = np.zeros(embedded.shape, np.int8)
    for i in range(dims):
        for j in range(i + 1, dims):
            smaller = distance[i] < distance[j]
            rank[i] += smaller
            rank[j] += ~smaller
    # rounding leaves the hyperplane by `excess`: the coordinates that were rounded furthest are corrected
    excess = nearest.sum(0).astype(np.int8)
    rank += excess
    wrapped = (rank < 0).astype(np.int8) - (rank >= dims)
    nearest += wrapped
    distance -= wrapped
    rank += dims * wrapped

    descending = np.empty_like(distance)
    np.put_along_axis(descending, rank.astype(np.intp), distance, 0)
    weights = np.empty_like(distance)
    weights[0] = 1 + descending[-1] - descending[0]
    weights[1:] = descending[-2::-1] - descending[:0:-1]
    order = np.empty_like(rank)
    np.put_along_axis(order, rank.astype(np.intp), np.arange(dims, dtype=np.int8)[:, None], 0)
    return nearest.astype(np.int64), order, weights


def _hash_factors(dims: int) -> np.ndarray:
    """Factors of coordinates; a vertex's key is the sum of the products, modulo 2^64.

    The key is linear, so a neighbour's differs by a constant. The probability that two of a million vertices
    share a key is about 1e-7.
    """
    return np.random.default_rng(0).integers(-(2**63), 2**63, dims, dtype=np.int64)


def _vertices(remainder0: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the vertices of every point's simplex, int32 (d+1, P), and the keys of all, sorted int64."""
    dims = len(order)
    factors = _hash_factors(dims)
    first_keys = dims * (factors @ remainder0)
    codes = (np.int64(dims) ** np.arange(dims)) @ order
    # most points share their simplex with others
    _, example, simplex = np.unique(first_keys * dims**dims + codes, return_index=True, return_inverse=True)
    keys = np.empty((dims, len(example)), np.int64)
    keys[0] = first_keys[example]
    for k in range(1, dims):
        # all coordinates are one larger than those of the previous vertex, except one that wraps
        keys[k] = keys[k - 1] + factors.sum() - dims * factors[order[dims - k, example]]
    unique, vertices = np.unique(keys, return_inverse=True)
    return vertices.reshape(keys.shape).astype(np.int32)[:, simplex], unique


def _neighbours(keys: np.ndarray, dims: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Per lattice direction: index of the vertex before and of the one after, ``len(keys)`` where absent."""
    factors = _hash_factors(dims)
    count = len(keys)
    pairs = []
    for step in dims * factors - factors.sum():
        wanted = keys + step
        found = np.searchsorted(keys, wanted)
        found[found == count] = 0
        after = np.where(keys[found] == wanted, found, count)
        before = np.full(count + 1, count)
        before[after] = np.arange(count)  # those without a successor write to the last entry, dropped below
        pairs.append((before[:count], after))
    return pairs
