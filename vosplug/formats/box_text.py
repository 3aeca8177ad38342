"""Text files of single-object tracking boxes, and ground truth of benchmarks in this format.

Boxes are x, y, w, h in pixels, one per line, as in every tracking benchmark.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import AnnotationError, ConfigError
from ..files import is_dir
from .image_set import read_image_set
from .schema import LARGEST
from .text_file import parse_number, read_lines, write_lines

_SEPARATOR = re.compile(r'\s*,\s*|\s+')
_RESOLUTION = re.compile(r'^\s*resolution\s*[:=]\s*\(?\s*(\d+)\s*,\s*(\d+)', re.MULTILINE)


@dataclass(frozen=True, eq=False)
class BoxSequence:
    """Ground truth of one sequence. T is 1 in the test sets that publish only the first box."""

    name: str
    boxes: np.ndarray  # float64 (T, 4) xywh
    visible: np.ndarray  # bool (T,), True where unknown
    cover: np.ndarray | None = None  # int (T,), visible part 0..8 of GOT-10k
    size: tuple[int, int] | None = None  # (W, H) of the frames, if the benchmark stores it

    @property
    def shown(self) -> np.ndarray:
        """Frames in which the object has a box, bool (T,).

        Benchmarks write a box without width or height, or NaN, where there is no object, and flag frames
        in which it is hidden or out of view. A box outside the image counts as a box.
        """
        return self.visible & np.isfinite(self.boxes).all(1) & (self.boxes[:, 2:] > 0).all(1)


def read_boxes(path: str | Path, length: int | None = None) -> np.ndarray:
    """Read a text file with one box per line.

    Args:
        path: numbers separated by commas, tabs or spaces (OTB mixes them): x, y, w, h, or the four corners
            of a polygon, which becomes its bounding box. ``nan`` is a missing number.
        length: required number of boxes.

    Returns:
        np.ndarray: float64 (T, 4) xywh.

    Raises:
        AnnotationError: no such file, no boxes or a wrong number of them, or a line that is not a box.
    """
    path = Path(path)
    boxes = [_parse_box(f'{path}, line {i}', line) for i, line in enumerate(read_lines(path), 1)]
    if not boxes or length not in (None, len(boxes)):
        expected = 'boxes' if length is None else f'{length} boxes'
        raise AnnotationError(f'{path}: expected {expected}, one per line, found {len(boxes)}.')
    return np.array(boxes)


def write_boxes(path: str | Path, boxes: np.ndarray, decimals: int = 3) -> None:
    """Write boxes as text, separated by commas, atomically.

    Args:
        path: target file; parent folders are created.
        boxes: (T, 4) xywh.
        decimals: digits after the point; the GOT-10k toolkit writes 3.

    Raises:
        AnnotationError: a wrong shape, or infinite numbers.
    """
    boxes = np.asarray(boxes, np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4 or np.isinf(boxes).any():
        raise AnnotationError(f'{path}: expected finite or NaN boxes (T, 4), found shape {boxes.shape}.')
    write_lines(path, (','.join(f'{value:.{decimals}f}' for value in box) for box in boxes))


def read_box_sequences(
    benchmark: str, root: str | Path, names: Sequence[str] | None = None
) -> list[BoxSequence]:
    """Ground truth of a tracking benchmark in its official layout.

    - ``got10k``: ``<root>/<sequence>/groundtruth.txt`` with ``cover.label``, ``absence.label`` and
      ``meta_info.ini``, sequences in ``<root>/list.txt``; root is the folder of a subset.
    - ``lasot``: ``<root>/<class>/<class>-<n>/groundtruth.txt``, or without the class folders,
      with ``full_occlusion.txt`` and ``out_of_view.txt``.
    - ``trackingnet``: ``<root>/anno/<sequence>.txt``; root is the folder of a subset.

    Args:
        benchmark: one of these.
        root: see above.
        names: sequences to read; None reads all.

    Raises:
        ConfigError: an unknown benchmark.
        AnnotationError: no sequences, or a file that is missing, damaged or of a wrong length.
    """
    names = box_sequence_names(benchmark, root) if names is None else names
    _, read_track = _BENCHMARKS[benchmark]
    return [read_track(Path(root), name) for name in names]


def box_sequence_names(benchmark: str, root: str | Path) -> list[str]:
    """Sequences of a tracking benchmark in its official layout; see :func:`read_box_sequences`.

    Raises:
        ConfigError: an unknown benchmark.
        AnnotationError: no sequences.
    """
    if benchmark not in _BENCHMARKS:
        raise ConfigError(f'benchmark: found {benchmark!r}, expected one of {sorted(_BENCHMARKS)}.')
    list_names, _ = _BENCHMARKS[benchmark]
    names = list_names(Path(root))
    if not names:
        raise AnnotationError(f'{root}: no sequence of {benchmark} found. Check the folder and its layout.')
    return names


def _got10k_names(root: Path) -> list[str]:
    return read_image_set(root / 'list.txt')


def _got10k_track(root: Path, name: str) -> BoxSequence:
    folder = root / name
    boxes = read_boxes(folder / 'groundtruth.txt')
    if len(boxes) == 1 and not (folder / 'cover.label').exists():  # the test set
        return BoxSequence(name, boxes, np.ones(1, bool))
    cover = _read_labels(folder / 'cover.label', len(boxes), 8)
    absence = _read_labels(folder / 'absence.label', len(boxes), 1)
    meta = folder / 'meta_info.ini'
    size = _RESOLUTION.search('\n'.join(read_lines(meta)))
    if size is None:
        raise AnnotationError(f'{meta}: expected a line like "resolution: (1920, 1080)", found none.')
    return BoxSequence(name, boxes, (absence == 0) & (cover > 0), cover, (int(size[1]), int(size[2])))


def _lasot_names(root: Path) -> list[str]:
    files = [*root.glob('*/groundtruth.txt'), *root.glob('*/*/groundtruth.txt')]
    return sorted(file.parent.name for file in files)


def _lasot_track(root: Path, name: str) -> BoxSequence:
    flat, by_class = root / name, root / name.rpartition('-')[0] / name
    folder = flat if is_dir(flat) else by_class
    boxes = read_boxes(folder / 'groundtruth.txt')
    hidden, outside = (
        _read_labels(folder / file, len(boxes), 1) for file in ('full_occlusion.txt', 'out_of_view.txt')
    )
    return BoxSequence(name, boxes, (hidden == 0) & (outside == 0))


def _trackingnet_names(root: Path) -> list[str]:
    return sorted(file.stem for file in root.glob('anno/*.txt'))


def _trackingnet_track(root: Path, name: str) -> BoxSequence:
    boxes = read_boxes(root / 'anno' / f'{name}.txt')
    return BoxSequence(name, boxes, np.ones(len(boxes), bool))


_BENCHMARKS = {
    'got10k': (_got10k_names, _got10k_track),
    'lasot': (_lasot_names, _lasot_track),
    'trackingnet': (_trackingnet_names, _trackingnet_track),
}


def _parse_box(where: str, line: str) -> list[float]:
    try:
        values = [parse_number(part) for part in _SEPARATOR.split(line.strip())]
    except ValueError:
        values = []
    values = bounding_box(values)
    if len(values) != 4 or (np.abs(values) > LARGEST).any():
        raise AnnotationError(
            f'{where}: expected 4 numbers x, y, w, h (or 8 of a polygon), found {line.strip()!r:.200}.'
        )
    return values


def bounding_box(values: list[float]) -> list[float]:
    """x, y, width, height around four corners (8 numbers); other lists are returned unchanged."""
    if len(values) != 8:
        return values
    corners = np.array(values, np.float64).reshape(4, 2)
    return [*corners.min(0).tolist(), *np.ptp(corners, 0).tolist()]


def _read_labels(path: Path, length: int, highest: int) -> np.ndarray:
    """Labels 0..highest, separated by commas, lines or both; int (length,)."""
    words = _SEPARATOR.split('\n'.join(read_lines(path)).strip())
    wrong = [word for word in words if not re.fullmatch('[0-9]', word) or int(word) > highest]
    if wrong or len(words) != length:
        raise AnnotationError(
            f'{path}: expected {length} labels 0..{highest} (one per box), found {len(words)}'
            + (f' with {wrong[0]!r:.60}.' if wrong else '.')
        )
    return np.array(words, int)
