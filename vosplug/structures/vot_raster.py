"""Rasterisation and overlap of VOT regions.

The pixels of a region, and the cases in which an overlap is 1 or 0 by definition, follow vot-toolkit 0.9.0:
numbers are rounded (halves to even) as float32, and last rows and columns belong to the region.
"""

from collections.abc import Sequence

import numpy as np

from ..errors import AnnotationError
from .vot_region import Mask, Point, Polygon, Rectangle, VOTRegion

_LARGEST = 2.0**31


def mask_region(mask: np.ndarray) -> Mask:
    """A mask cropped to its bounding box, of size (0, 0) if it is empty.

    Args:
        mask: bool or integer (H, W); anything but 0 is the object.

    Raises:
        AnnotationError: another number of dimensions, or a float mask.
    """
    mask = _mask_array(mask) != 0
    rows, cols = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return Mask(np.zeros((0, 0), bool), (0, 0))
    return Mask(mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1], (int(cols[0]), int(rows[0])))


def rasterise(region: VOTRegion, window: tuple[int, int, int, int]) -> np.ndarray:
    """Pixels of a region.

    Args:
        region: points and special codes have no pixels.
        window: first column, first row, last column and last row to rasterise; 0, 0, W - 1, H - 1 is the
            whole image. A rectangle in a window that starts at a negative column (or row) is cut at
            last + first column, as in the toolkit.

    Returns:
        np.ndarray: bool (rows, columns) of the window.

    Raises:
        AnnotationError: not a region, numbers that are not finite or too large, wrong shapes, or an empty
            window.
    """
    left, top, right, bottom = window
    if left > right or top > bottom:
        raise AnnotationError(f'window: expected first <= last column and row, found {window}.')
    pixels = np.zeros((bottom - top + 1, right - left + 1), bool)
    if isinstance(region, Rectangle):
        _draw_rectangle(pixels, _rounded(region), window)
    elif isinstance(region, Polygon):
        _draw_polygon(pixels, _rounded_points(region) - (left, top))
    elif isinstance(region, Mask):
        _draw_mask(pixels, _mask_array(region.mask) != 0, (region.offset[0] - left, region.offset[1] - top))
    else:
        _check_without_pixels(region)
    return pixels


def region_overlap(a: VOTRegion, b: VOTRegion, bounds: tuple[int, int] | None = None) -> float:
    """Intersection over union of two regions' pixels, in [0, 1].

    It is 1 if the box around both has a single row or column, as for two empty regions, and 0 if only its
    part inside ``bounds`` has.

    Args:
        a: a region; points and special codes are empty.
        b: the same.
        bounds: (W, H) of the image to clip to, as VOT2020 does; None counts all pixels.

    Raises:
        AnnotationError: not a region, numbers that are not finite or too large, or wrong shapes.
    """
    (left, top, right, bottom), box = _extent(a), _extent(b)
    left, top, right, bottom = min(left, box[0]), min(top, box[1]), max(right, box[2]), max(bottom, box[3])
    if left >= right or top >= bottom:
        return 1.0
    if bounds is not None:
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, bounds[0] - 1), min(bottom, bounds[1] - 1)
        if left >= right or top >= bottom:
            return 0.0
    first, second = (rasterise(region, (left, top, right, bottom)) for region in (a, b))
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 0.0


def is_empty(region: VOTRegion) -> bool:
    """Whether the VOT toolkit treats a region as empty: its box has at most a single row or column."""
    left, top, right, bottom = _extent(region)
    return left >= right or top >= bottom


def _extent(region: VOTRegion) -> tuple[int, int, int, int]:
    """First column, first row, last column and last row; 0 for regions without pixels."""
    if isinstance(region, Rectangle):
        x, y, width, height = _rounded(region).tolist()
        corners = x, y, x + width - 1, y + height - 1
    elif isinstance(region, Polygon):
        points = _rounded_points(region)
        corners = *points.min(0).tolist(), *points.max(0).tolist()
    elif isinstance(region, Mask):
        part, (dx, dy) = mask_region(region.mask), region.offset
        x, y = part.offset[0] + dx, part.offset[1] + dy
        height, width = np.maximum(part.mask.shape, 1)
        corners = x, y, x + width - 1, y + height - 1
    else:
        _check_without_pixels(region)
        corners = 0, 0, 0, 0
    left, top, right, bottom = (int(corner) for corner in corners)
    return left, top, right, bottom


def _draw_rectangle(pixels: np.ndarray, box: np.ndarray, window: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = window
    x, y, width, height = (int(v) for v in box)
    if x > right or y > bottom or x + width - 1 < left or y + height - 1 < top:
        return
    # the toolkit treats right and bottom as offsets from left and top, which matters if those are negative
    last_col, last_row = min(right, x + width - 1 - left), min(bottom, y + height - 1 - top)
    pixels[max(y - top, 0) : last_row + 1, max(x - left, 0) : last_col + 1] = True


def _draw_polygon(pixels: np.ndarray, points: np.ndarray) -> None:
    """Fill each row between pairs of its intersections with the edges, truncated towards 0."""
    (x, y), (x_from, y_from) = points.T, np.roll(points, 1, 0).T
    rows = np.arange(len(pixels))[:, None]
    meets = (np.minimum(y, y_from) <= rows) & (rows <= np.maximum(y, y_from))
    rise = y_from - y
    # in this order, since other roundings give other columns
    cols = x + (rows - y) / np.where(rise == 0, np.inf, rise) * (x_from - x)
    cols = cols.astype(np.int64)
    for row in np.flatnonzero(meets.any(1)):
        _draw_spans(pixels[row], sorted(cols[row, meets[row]].tolist()))


def _draw_spans(pixels: np.ndarray, cols: list[int]) -> None:
    """Fill from the first to the second column, the third to the fourth and so on.

    Of equal columns, as a corner has two, only the last counts, unless nothing follows them.
    """
    i = 0
    while i < len(cols) - 1:
        if cols[i] == cols[i + 1] and i < len(cols) - 2:
            i += 1
            continue
        pixels[max(cols[i], 0) : max(cols[i + 1] + 1, 0)] = True
        i += 2


def _draw_mask(pixels: np.ndarray, mask: np.ndarray, offset: tuple[int, int]) -> None:
    (x, y), (height, width), (rows, cols) = offset, mask.shape, pixels.shape
    pixels[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = mask[
        max(-y, 0) : max(rows - y, 0), max(-x, 0) : max(cols - x, 0)
    ]


def _rounded(numbers: Sequence[float] | np.ndarray) -> np.ndarray:
    """Numbers rounded as float32, in float64."""
    numbers = np.asarray(numbers, np.float64)
    if not (np.abs(numbers) < _LARGEST).all():
        raise AnnotationError(
            f'region: expected finite coordinates below {_LARGEST:.0f}, found {numbers.tolist()}.'
        )
    return np.round(numbers.astype(np.float32)).astype(np.float64)


def _rounded_points(polygon: Polygon) -> np.ndarray:
    shape = np.shape(polygon.points)
    if len(shape) != 2 or shape[0] < 3 or shape[1] != 2:
        raise AnnotationError(f'polygon: expected at least 3 points (N, 2), found shape {shape}.')
    return _rounded(polygon.points)


def _check_without_pixels(region: int | Point) -> None:
    if not isinstance(region, int | np.integer | Point):
        raise AnnotationError(
            'region: expected a Rectangle, Polygon, Point, Mask or special code, found '
            f'{type(region).__name__}.'
        )


def _mask_array(mask: np.ndarray) -> np.ndarray:
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype.kind not in 'bui':
        raise AnnotationError(
            f'mask region: expected a bool or integer mask (h, w), found {mask.dtype} {mask.shape}.'
        )
    return mask
