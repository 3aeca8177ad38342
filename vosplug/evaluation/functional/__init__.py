"""Measures on plain arrays: NumPy and OpenCV only, no torch, no mmengine."""

from .boundary import boundary_f, boundary_f_objects, boundary_map
from .region import jaccard, jaccard_objects
from .statistics import DAVIS_COMPAT, DavisStatistics, davis_statistics

__all__ = [
    'DAVIS_COMPAT',
    'DavisStatistics',
    'boundary_f',
    'boundary_f_objects',
    'boundary_map',
    'davis_statistics',
    'jaccard',
    'jaccard_objects',
]
