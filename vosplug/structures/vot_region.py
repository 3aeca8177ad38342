"""Regions of the VOT challenges."""

from typing import NamedTuple

import numpy as np


class Rectangle(NamedTuple):
    """Axis-aligned box in pixels."""

    x: float
    y: float
    width: float
    height: float


class Polygon(NamedTuple):
    """Closed polygon in pixels."""

    points: np.ndarray  # (N, 2) x, y; N >= 3


class Point(NamedTuple):
    """Position in pixels; like a special code it covers no pixels."""

    x: float
    y: float


class Mask(NamedTuple):
    """Mask of a part of an image."""

    mask: np.ndarray  # bool (h, w)
    offset: tuple[int, int]  # x, y of its first pixel in the image


VOTRegion = Rectangle | Polygon | Point | Mask | int  # an int is a special code without pixels
