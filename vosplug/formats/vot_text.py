"""Ground truth and results of the VOT challenges, with one region per line.

A line starting with ``m`` is a mask, two numbers are a point, four a rectangle, six or more a polygon and a
single one is a special code. Formats are those of vot-toolkit 0.9.0; its binary results are read as well.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..files import read_regular
from ..structures.vot_region import Mask, Point, Polygon, Rectangle, VOTRegion
from .rle import row_runs
from .text_file import read_lines, write_lines

UNKNOWN, INITIALISATION, FAILURE = 0, 1, 2  # special codes

_BINARY = b'\x01\x00'  # version 1


def parse_region(text: str, finite: bool = False) -> VOTRegion:
    """Parse the region of one line; a special code is an int.

    A rectangle, polygon or point with ``nan`` is :data:`UNKNOWN`, or an error if ``finite``.

    Raises:
        AnnotationError: not a region.
    """
    text = text.strip()
    try:
        if text.startswith('m'):
            x, y, width, height, *runs = (int(part) for part in text[1:].split(','))
        else:
            values = np.array([float(part) for part in text.split(',')])
    except ValueError:
        raise AnnotationError(
            f'expected a VOT region (a mask m<x>,<y>,<w>,<h>,<runs>, numbers of a rectangle, polygon or '
            f'point, or a special code), found {_shown(text)}.'
        ) from None
    if text.startswith('m'):
        return _decode_mask(x, y, width, height, runs)
    if len(values) == 1:
        return _special(float(values[0]))
    if len(values) % 2:
        raise AnnotationError(
            'expected x, y of a point, 4 numbers of a rectangle or x, y of 3 or more points, found '
            f'{_shown(text)}.'
        )
    return _shape(values, finite)


def format_region(region: VOTRegion) -> str:
    """Format a region as a line that :func:`parse_region` reads back.

    Raises:
        AnnotationError: not a region, a mask that is not (h, w), or an unknown special code.
    """
    if isinstance(region, Rectangle | Point):
        return ','.join(repr(float(value)) for value in region)
    if isinstance(region, Polygon):
        return ','.join(repr(float(value)) for value in np.ravel(region.points))
    if isinstance(region, Mask):
        mask = np.asarray(region.mask)
        if mask.ndim != 2:
            raise AnnotationError(f'mask region: expected (h, w), found shape {mask.shape}.')
        numbers = [*region.offset, mask.shape[1], mask.shape[0], *row_runs(mask)]
        return 'm' + ','.join(str(int(number)) for number in numbers)
    return str(_special(region))


def format_line(region: VOTRegion) -> str:
    """As :func:`format_region`, but such that the toolkit reads all pixels of a mask.

    From text, the toolkit reads a mask as empty if all its pixels are in the first column of its part of the
    image. The part then begins one column further left, at -1 if need be.
    """
    if isinstance(region, Mask) and _in_first_column(region):
        region = Mask(np.pad(region.mask, ((0, 0), (1, 0))), (region.offset[0] - 1, region.offset[1]))
    return format_region(region)


def read_regions(path: str | Path, finite: bool = False) -> list[VOTRegion]:
    """Read the regions of a ground truth or result, text or binary.

    As in the toolkit, a mask in a text is empty if all its pixels are in the first column of its part of the
    image; see :func:`format_line`.

    Args:
        path: text and binary are told apart by content, not by name.
        finite: whether ``nan`` is an error, as in results; otherwise the region is :data:`UNKNOWN`.

    Raises:
        AnnotationError: no such file, an empty one, or a line that is not a region.
    """
    path = Path(path)
    data = read_regular(path, AnnotationError, 'annotation file not found. Check the folder and its layout.')
    if data.startswith(_BINARY):
        try:
            return _parse_binary(data, finite)
        except struct.error:
            raise AnnotationError(
                f'{path}: binary regions end early. Copy the file again, or store it as text.'
            ) from None
        except AnnotationError as error:
            raise AnnotationError(f'{path}: {error}') from None
    regions = []
    for number, line in enumerate(read_lines(path), 1):
        try:
            region = parse_region(line, finite)
        except AnnotationError as error:
            raise AnnotationError(f'{path}, line {number}: {error}') from None
        lost = isinstance(region, Mask) and _in_first_column(region)
        regions.append(Mask(np.zeros((0, 0), bool), (0, 0)) if lost else region)
    if not regions:
        raise AnnotationError(f'{path}: expected a region per line, found an empty file.')
    return regions


def write_regions(path: str | Path, regions: Sequence[VOTRegion]) -> None:
    """Write regions as text, one per line, atomically; parent folders are created."""
    write_lines(path, [format_line(region) for region in regions])


def _special(code: float) -> int:
    if not np.isscalar(code) or code not in (UNKNOWN, INITIALISATION, FAILURE):
        raise AnnotationError(
            f'expected a region or a special code, {UNKNOWN} (unknown), {INITIALISATION} (initialisation) '
            f'or {FAILURE} (failure), found {code!r}.'
        )
    return int(code)


def _shape(values: np.ndarray, finite: bool) -> VOTRegion:
    """Point, rectangle or polygon of 2, 4 or more numbers."""
    if np.isinf(values).any() or finite and np.isnan(values).any():
        raise AnnotationError(f'expected finite numbers, found {values.tolist()}.')
    if np.isnan(values).any():
        return UNKNOWN
    if len(values) == 2:
        return Point(*values.tolist())
    return Rectangle(*values.tolist()) if len(values) == 4 else Polygon(values.reshape(-1, 2))


def _in_first_column(region: Mask) -> bool:
    columns = np.flatnonzero(np.any(region.mask, 0)).tolist()
    return columns == [0]


def _decode_mask(x: int, y: int, width: int, height: int, runs: Sequence[int]) -> Mask:
    if min(width, height, *runs, 0) < 0 or sum(runs) > width * height:
        raise AnnotationError(
            f'expected mask runs of at most {width} x {height} pixels, none of them negative, found '
            f'{sum(runs)} pixels.'
        )
    filled = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    mask = np.zeros(width * height, bool)
    mask[: len(filled)] = filled
    return Mask(mask.reshape(height, width), (x, y))


def _parse_binary(data: bytes, finite: bool) -> list[VOTRegion]:
    position = 0

    def take(form: str) -> tuple:
        nonlocal position
        values = struct.unpack_from(f'<{form}', data, position)
        position += struct.calcsize(f'<{form}')
        return values

    def region() -> VOTRegion:
        (kind,) = take('B')
        if kind == 0:
            return _special(*take('I'))
        if kind in (1, 2, 4):
            count = {1: 4, 4: 2}.get(kind) or 2 * take('H')[0]
            if kind == 2 and count < 6:
                raise AnnotationError(f'expected a polygon of 3 or more points, found {count // 2}.')
            return _shape(np.array(take(f'{count}f')), finite)
        if kind == 3:
            x, y, width, height, count = take('2h3H')
            return _decode_mask(x, y, width, height, take(f'{count}H'))
        raise AnnotationError(f'expected regions of kind 0 to 4, found {kind}. Store them as text.')

    _, count = take('hI')
    if not count:
        raise AnnotationError('expected a region per frame, found none.')
    return [region() for _ in range(count)]


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f'{text[:57]}...')
