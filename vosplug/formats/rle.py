"""COCO's run lengths and polygons of masks.

pycocotools checks nothing: counts that do not fill a mask leave it uninitialised, and far or odd polygons
take gigabytes or crash the process. So everything is checked here first.
"""

import numpy as np
from pycocotools import mask as coco_mask

from ..errors import AnnotationError
from ..limits import check_limit
from .schema import RLE, Segmentation


def encode_mask(mask: np.ndarray) -> str:
    """Compressed run lengths of a mask bool (H, W), as text."""
    return coco_mask.encode(np.asfortranarray(mask, np.uint8))['counts'].decode('ascii')


def decode_mask(counts: str | list[int], size: tuple[int, int]) -> np.ndarray:
    """Mask bool (H, W) of run lengths.

    Args:
        counts: of background, object, background, ..., column by column; text is compressed.
        size: (H, W).

    Raises:
        AnnotationError: not run lengths, they do not add up to H x W, or more pixels than the limit.
    """
    _check_pixels(size)
    runs = _decompressed(counts) if isinstance(counts, str) else counts
    if min(runs, default=0) < 0 or sum(runs) != size[0] * size[1]:
        raise AnnotationError(
            f'expected run lengths that add up to {size[1]}x{size[0]} = {size[0] * size[1]} pixels, none '
            f'of them negative, found {sum(runs)} in {len(runs)} runs. The mask is damaged; export it again.'
        )
    values = np.zeros(len(runs), bool)
    values[1::2] = True
    return np.repeat(values, runs).reshape(size[::-1]).T


def row_runs(mask: np.ndarray) -> list[int]:
    """Run lengths of a mask (H, W) row by row, as CVAT and VOT write them, starting with background."""
    flat = np.ravel(mask) != 0
    ends = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(ends, prepend=0, append=len(flat)).tolist()
    return [0, *runs] if len(flat) and flat[0] else runs


def mask_box(counts: str, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Tight box xyxy, right and bottom exclusive, of :func:`encode_mask`'s text; all 0 without pixels."""
    x, y, width, height = coco_mask.toBbox(dict(size=size, counts=counts.encode())).tolist()
    return x, y, x + width, y + height


def mask_area(counts: str, size: tuple[int, int]) -> int:
    """Number of pixels of run lengths of :func:`encode_mask`."""
    return int(coco_mask.area(dict(size=size, counts=counts.encode())))


def decode_segmentation(segmentation: Segmentation, size: tuple[int, int]) -> np.ndarray:
    """Mask bool (H, W) of run lengths or of the union of polygons.

    Args:
        segmentation: polygons may lie outside the image, by at most its width and height.
        size: (H, W) of the image.

    Raises:
        AnnotationError: run lengths of another size or number of pixels, no polygon, or one of fewer than
            three points, with an odd number of coordinates, too far outside or with too long an outline; or
            more pixels than the limit.
    """
    height, width = size
    if isinstance(segmentation, RLE):
        if segmentation.size != size:
            raise AnnotationError(
                f'is {segmentation.size[1]}x{segmentation.size[0]}, its video is {width}x{height}. Export it '
                'at the size of the frames.'
            )
        return decode_mask(segmentation.counts, size)
    if not segmentation:
        raise AnnotationError('an empty list of polygons; where the object is absent, write null.')
    _check_pixels(size)
    _check_outline(sum(_outline(polygon, size) for polygon in segmentation), size)
    return _union(coco_mask.frPyObjects(segmentation, height, width), size)


def _union(masks: list[dict], size: tuple[int, int]) -> np.ndarray:
    """Union of pycocotools' masks; its own ``merge`` takes quadratic time."""
    edges = [np.cumsum(_decompressed(mask['counts'].decode('ascii'))) for mask in masks]
    starts, stops = ([edge[first::2] for edge in edges] for first in (0, 1))
    at = np.concatenate([np.zeros(1, np.int64), *starts, *stops])
    opened = np.repeat([0, 1, -1], [1, sum(map(len, starts)), sum(map(len, stops))])
    order = np.argsort(at, kind='stable')
    covered = np.cumsum(opened[order]) > 0
    return np.repeat(covered, np.diff(at[order], append=size[0] * size[1])).reshape(size[::-1]).T


def _decompressed(text: str) -> list[int]:
    """Run lengths of COCO's text.

    Each character holds 5 bits of a number, the lowest first, and one bit that tells whether another follows;
    from the fourth on, numbers are differences to the last but one.
    """
    codes = np.frombuffer(text.encode('ascii', 'xmlcharrefreplace'), np.uint8).astype(np.int64) - ord('0')
    ends = np.flatnonzero((codes & 0x20) == 0)
    lengths = np.diff(ends, prepend=-1)
    if ((codes < 0) | (codes > 63)).any() or not len(ends) or ends[-1] != len(codes) - 1 or lengths.max() > 8:
        raise AnnotationError(f"expected COCO's compressed run lengths, found {text!r:.60}. Export it again.")
    starts = ends - lengths + 1
    places = np.arange(len(codes)) - np.repeat(starts, lengths)
    runs = np.add.reduceat((codes & 0x1F) << 5 * places, starts)
    runs -= np.where(codes[ends] & 0x10, 1 << 5 * lengths, 0)
    for first in (1, 2):
        runs[first::2] = np.cumsum(runs[first::2])
    return runs.tolist()


def _check_pixels(size: tuple[int, int]) -> None:
    check_limit('MAX_PIXELS', size[0] * size[1], f'a mask of {size[1]}x{size[0]} pixels', AnnotationError)


def _outline(polygon: list[float], size: tuple[int, int]) -> float:
    """Length of a polygon's outline, horizontal and vertical steps added up."""
    if len(polygon) < 6 or len(polygon) % 2:
        raise AnnotationError(
            f'expected polygons x1, y1, x2, y2, x3, y3, ... of three points or more, found '
            f'{len(polygon)} numbers.'
        )
    points, (height, width) = np.array(polygon, np.float64).reshape(-1, 2), size
    sides = np.array([width, height])
    if not ((points >= -sides) & (points <= 2 * sides)).all():
        raise AnnotationError(
            f'expected polygons in the {width}x{height} image, or outside by no more than its size, found '
            f'one from {points.min(0).tolist()} to {points.max(0).tolist()}.'
        )
    return float(np.abs(points - np.roll(points, 1, 0)).sum())


def _check_outline(length: float, size: tuple[int, int]) -> None:
    """Check the outlines' total length, which determines the time and memory that polygons take."""
    most = 100 * sum(size)
    if length > most:
        raise AnnotationError(
            f'expected polygons whose outlines are no longer than {most} pixels in the {size[1]}x{size[0]} '
            f'image, a hundred times its width and height, found {length:.0f}. Export them again, or as run '
            'lengths.'
        )
