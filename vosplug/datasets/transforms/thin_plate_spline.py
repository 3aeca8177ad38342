"""Thin-plate splines, the smoothest mappings of the plane that move given points to given places."""

from collections.abc import Callable

import numpy as np

# above it, rounding errors of float64 would be visible in pixels
LARGEST_CONDITION = 1e10

Mapping = Callable[[np.ndarray], np.ndarray]


def thin_plate_spline(source: np.ndarray, target: np.ndarray) -> Mapping:
    """Interpolating thin-plate spline through control points (Bookstein 1989).

    Of all mappings that take every ``source`` point to its ``target``, it has the least bending energy, the
    integral of the squared second derivatives. Affine mappings do not bend and are reproduced.

    Args:
        source: control points, (K, 2), in any unit.
        target: their target positions, (K, 2).

    Returns:
        Callable: maps points (..., 2) to float64 (..., 2). The identity where ``source`` determines no
        spline: fewer than three points, all of them on a line, or two in the same place.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    if len(source) < 3:
        return _identity
    origin = source.mean(0)
    unit = np.abs(source - origin).max() or 1.0  # the result does not depend on it, its precision does
    controls = (source - origin) / unit
    linear = _linear_terms(controls)
    system = np.block([[_kernel(controls, controls), linear], [linear.T, np.zeros((3, 3))]])
    if not np.linalg.cond(system) < LARGEST_CONDITION:
        return _identity
    weights = np.linalg.solve(system, np.concatenate([target, np.zeros((3, 2))]))

    def spline(points: np.ndarray) -> np.ndarray:
        points = (np.asarray(points, np.float64) - origin) / unit
        return np.concatenate([_kernel(points, controls), _linear_terms(points)], -1) @ weights

    return spline


def _identity(points: np.ndarray) -> np.ndarray:
    return np.asarray(points, np.float64)


def _kernel(points: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """r^2 log r^2 of the distances r from points (..., 2) to controls (K, 2), as (..., K)."""
    squared = ((points[..., None, :] - controls) ** 2).sum(-1)
    return squared * np.log(np.where(squared > 0, squared, 1))


def _linear_terms(points: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((*points.shape[:-1], 1)), points], -1)
