"""Gaussian kernels between all pixels of an image, as functions that filter a map."""

from collections.abc import Callable
from math import ceil

import cv2
import numpy as np
from scipy.spatial.distance import cdist

from .permutohedral_lattice import PermutohedralLattice

Filter = Callable[[np.ndarray], np.ndarray]  # float32 (H, W) to the same
ROWS = 256  # of a dense kernel computed at once


def position_filter(size: tuple[int, int], std: float) -> Filter:
    """Sum over pixels j of exp(-|p_i - p_j|^2 / (2 std^2)) v_j, separably; cut off at 5 standard deviations.

    Args:
        size: (H, W).
        std: in pixels.
    """
    radius = min(ceil(5 * std), max(size) - 1)
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / std) ** 2).astype(np.float32)
    return lambda values: cv2.sepFilter2D(values, cv2.CV_32F, taps, taps, borderType=cv2.BORDER_CONSTANT)


def bilateral_filter(image: np.ndarray, xy_std: float, rgb_std: float, exact: bool) -> Filter:
    """Sum over pixels j of exp(-|p_i - p_j|^2 / (2 xy_std^2) - |I_i - I_j|^2 / (2 rgb_std^2)) v_j.

    Args:
        image: uint8 (H, W, 3).
        xy_std: in pixels.
        rgb_std: in grey levels, 0 to 255.
        exact: with a dense kernel, 4 (H W)^2 bytes; otherwise by a permutohedral lattice, in linear time and
            memory and up to a constant factor.
    """
    height, width = image.shape[:2]
    y, x = np.divide(np.mgrid[:height, :width].reshape(2, -1), xy_std)
    points = np.concatenate([[x, y], image.reshape(-1, 3).T / rgb_std])
    flat = _DenseGaussian(points) if exact else PermutohedralLattice(points)
    return lambda values: flat(values.ravel()).reshape(values.shape)


def normalised(kernel: Filter, size: tuple[int, int]) -> Filter:
    """Symmetric normalisation: k(i, j) / sqrt(D_i D_j), with D_i the sum of k(i, j) over j, including i."""
    scale = 1 / np.sqrt(kernel(np.ones(size, np.float32)))
    return lambda values: scale * kernel(scale * values)


class _DenseGaussian:
    """Exact Gaussian kernel of standard deviation 1 between all pairs of points (d, P)."""

    def __init__(self, points: np.ndarray) -> None:
        rows = points.T
        self.kernel = np.empty((len(rows), len(rows)), np.float32)
        for i in range(0, len(rows), ROWS):
            self.kernel[i : i + ROWS] = np.exp(-0.5 * cdist(rows[i : i + ROWS], rows, 'sqeuclidean'))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return self.kernel @ values
