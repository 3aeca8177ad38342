"""Ground truth of VOT2020 sequences, and the runs from their anchors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..structures.image_file import image_size
from ..structures.vot_region import VOTRegion
from .text_file import check_relative, parse_number, read_lines
from .vot_text import read_regions


@dataclass(frozen=True, eq=False)
class VOTSequence:
    """Ground truth of one VOT2020 sequence."""

    name: str  # as in its result file names
    size: tuple[int, int]  # (W, H)
    regions: list[VOTRegion]  # (T,)
    anchors: np.ndarray  # int (T,): 1 a forward anchor, -1 a backward one, 0 none


def trajectory_name(sequence: str, anchor: int) -> str:
    """File name of a run's result.

    Its lines are in order of the run, so the first, at the anchor, is
    :data:`~vosplug.formats.vot_text.INITIALISATION`.

    Args:
        sequence: the sequence's name.
        anchor: index of the run's start frame, counted from 0.
    """
    return f'{sequence}_{anchor:08d}.txt'


def read_vot_sequence(folder: str | Path) -> VOTSequence:
    """Read the ground truth of a VOT2020 sequence.

    Args:
        folder: contains ``sequence`` (lines ``key=value``), ``groundtruth.txt`` and ``anchor.value``; its
            name is the sequence's. Without width and height in ``sequence``, the first image is needed.

    Raises:
        AnnotationError: a file is missing, damaged or of a wrong length.
    """
    folder = Path(folder).absolute()
    properties = _properties(folder)
    regions = read_regions(folder / 'groundtruth.txt')
    length = properties.get('length')
    if length not in (None, str(len(regions))):
        raise AnnotationError(
            f'{folder / "groundtruth.txt"}: expected {length} regions (length in {folder / "sequence"}), '
            f'found {len(regions)}.'
        )
    return VOTSequence(folder.name, _size(folder, properties), regions, read_anchors(folder, len(regions)))


def read_anchors(folder: Path, length: int) -> np.ndarray:
    """Anchors of a VOT2020 sequence, int (length,); see :class:`VOTSequence`.

    They are the signs of the values in ``anchor.value``. As in the toolkit, an empty line is 0, and so are
    frames after the last line.

    Raises:
        AnnotationError: no such file, a line that is not a number, or more lines than frames.
    """
    path = folder / 'anchor.value'
    lines = read_lines(path)
    try:
        values = np.array([parse_number(line or '0') for line in map(str.strip, lines)])
    except ValueError:
        values = np.array([np.nan])
    if len(values) > length or np.isnan(values).any():
        raise AnnotationError(
            f'{path}: expected a number per line, at most {length} lines, found {len(lines)}.'
        )
    return np.pad(np.sign(values).astype(int), (0, length - len(values)))


def anchor_frames(anchors: Sequence[int] | np.ndarray, length: int) -> dict[int, np.ndarray]:
    """Frames each anchor's run goes through, in tracking order; forward anchors come first.

    Args:
        anchors: anchor of every frame, (T,): 1 a forward anchor, -1 a backward one, 0 none.
        length: number of frames T.

    Returns:
        dict: anchor frame -> int (frames,), the anchor itself first.

    Raises:
        AnnotationError: the number of anchors differs from that of frames, invalid values, or no anchor.
    """
    anchors = np.asarray(anchors)
    if anchors.shape != (length,) or not np.isin(anchors, (-1, 0, 1)).all() or not anchors.any():
        raise AnnotationError(
            f'VOT anchors: expected {length} values of -1, 0 or 1 with one that is not 0, found shape '
            f'{anchors.shape} with values {np.unique(anchors).tolist()}.'
        )
    runs = {int(a): np.arange(a, length) for a in np.flatnonzero(anchors == 1)}
    return runs | {int(a): np.arange(a, -1, -1) for a in np.flatnonzero(anchors == -1)}


def read_size(folder: Path) -> tuple[int, int]:
    """(H, W) of a sequence's frames, from its file ``sequence`` or its first image."""
    return _size(folder, _properties(folder))[::-1]


def _properties(folder: Path) -> dict[str, str]:
    pairs = (line.partition('=') for line in read_lines(folder / 'sequence'))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _size(folder: Path, properties: dict[str, str]) -> tuple[int, int]:
    width, height = properties.get('width', ''), properties.get('height', '')
    if all(re.fullmatch('[1-9][0-9]{0,4}', side) for side in (width, height)):
        return int(width), int(height)
    # image folders written on Windows use its separator
    images = Path(properties.get('channels.color', 'color').replace('\\', '/'))
    pattern = images if images.suffix else images / '%08d.jpg'
    try:
        if not re.fullmatch('[^%]*%0?[0-9]d[^%]*', str(pattern)):
            raise ValueError('no pattern of file names')
        check_relative(str(pattern), str(folder / 'sequence'))
        path = folder / (str(pattern) % 1)
        return image_size(path, AnnotationError)[::-1]
    except (TypeError, ValueError) as error:
        raise AnnotationError(
            f'{folder / "sequence"}: expected width and height, or a first image {pattern} to take them '
            f'from ({error}).'
        ) from None
