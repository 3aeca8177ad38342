"""Submissions of boxes: GOT-10k and TrackingNet, from text files or from masks of one object."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import AnnotationError
from ...files import is_dir, is_file, natural_key, read_regular
from ...formats.box_text import read_boxes
from ...formats.text_file import parse_number
from ...structures.box_ops import VOID
from ..functional import boxes_from_masks
from .archive import Scan, visible
from .masks import read_checked
from .reference import Reference


@dataclass(frozen=True)
class BoxRules:
    """Box format of a server: a text file per sequence, a line ``x,y,w,h`` per frame.

    Attributes:
        boxes: name of the file in the zip, ``{0}`` stands for the sequence.
        times: name of the file of seconds per frame; empty if the server does not expect it.
    """

    boxes: str
    times: str = ''


def scan_boxes(rules: BoxRules, pred_dir: Path, reference: Reference) -> Scan:
    """Check the boxes that a server expects, or derive them from masks.

    A sequence's results are ``<sequence>.txt`` with a line ``x,y,w,h`` per frame, or a folder
    ``<sequence>`` of masks of one object, converted to tight boxes (an empty mask gives 0,0,0,0);
    ``<sequence>_time.txt`` has the seconds of every frame. The first box is replaced by the given one if
    ``reference`` has it, since servers do not score it.

    Args:
        rules: of the server.
        pred_dir: results.
        reference: the dataset.

    Raises:
        AnnotationError: the dataset itself is incomplete or damaged.
        ConfigError: the number of frames is unknown.
    """
    scan = Scan()
    names = reference.sequences()
    suffixes = ('', '.txt', '_time.txt')
    scan.warn_of_others(pred_dir, {name + suffix for name in names for suffix in suffixes})
    untimed = []
    for name in names:
        count = reference.box_count(name)
        boxes = _boxes(scan, pred_dir, reference, name, count)
        if boxes is not None:
            given = _given_box(reference, name)
            boxes = boxes if given is None else [given, *boxes[1:]]
            _add(scan, rules.boxes.format(name), (','.join(f'{v:.3f}' for v in box) for box in boxes))
        if rules.times:
            path = pred_dir / f'{name}_time.txt'
            if not is_file(path):
                untimed.append(name)
            times = _numbers(scan, path, 1, count) if is_file(path) else [[0.0]] * count
            if times is not None:
                _add(scan, rules.times.format(name), (f'{t:.8f}' for [t] in times))
    if untimed:
        scan.warn(
            pred_dir,
            f'{len(untimed)} of {len(names)} sequences have no <sequence>_time.txt; their times are written '
            'as 0, which leaves the speed unknown.',
        )
    return scan


def _boxes(
    scan: Scan, pred_dir: Path, reference: Reference, name: str, count: int
) -> list[list[float]] | None:
    text, folder = pred_dir / f'{name}.txt', pred_dir / name
    if is_file(text) and is_dir(folder):
        scan.problem(text, f'found boxes here and masks in {folder}, expected one of them. Remove the other.')
    elif is_file(text):
        return _numbers(scan, text, 4, count)
    elif is_dir(folder):
        return _boxes_of_masks(scan, folder, reference, name, count)
    else:
        scan.problem(text, f'sequence missing; expected boxes here or masks in {folder}.')
    return None


def _boxes_of_masks(
    scan: Scan, folder: Path, reference: Reference, name: str, count: int
) -> list[list[float]] | None:
    frames = reference.frame_names(name)
    if frames is None:
        found = [p.stem for p in visible(folder) if p.suffix == '.png']
        frames = sorted(found, key=natural_key)
        if len(frames) != count:
            scan.problem(folder, f'found {len(frames)} masks, expected {count}, one per frame.')
            return None
    scan.warn_of_others(folder, {f'{frame}.png' for frame in frames})
    size, boxes = reference.size(name), []
    for frame in frames:
        try:
            mask, _ = read_checked(folder / f'{frame}.png', size, binary=True)
        except AnnotationError as error:
            scan.error(folder / f'{frame}.png', error)
            continue
        mask = np.where(mask == VOID, 0, mask)
        ids = np.unique(mask[mask > 0]).tolist()
        if len(ids) > 1:
            scan.problem(folder / f'{frame}.png', f'found ids {ids}, expected one object.')
        boxes.append(boxes_from_masks(mask[None])[0].tolist())
    return boxes if len(boxes) == count else None


def _given_box(reference: Reference, name: str) -> list[float] | None:
    if reference.gt is None:
        return None
    path = reference.box_file(name)
    box = read_boxes(path)[0].tolist()
    if not all(map(math.isfinite, box)):
        raise AnnotationError(f'{path}: expected a first box x,y,w,h, found {box}. Copy it again.')
    return box


def _numbers(scan: Scan, path: Path, width: int, count: int) -> list[list[float]] | None:
    """Rows of a text file, ``width`` numbers each; None if any is wrong, which is added as a problem."""
    lines = read_regular(path, AnnotationError).decode(errors='replace').rstrip().splitlines()
    expected = 'x,y,w,h' if width == 4 else 'the seconds of a frame'
    rows: list[list[float]] = []
    wrong: dict[str, list[tuple[int, str]]] = {}
    for number, line in enumerate(lines, 1):
        try:
            row = [parse_number(v) for v in line.split(',')]
        except ValueError:
            row = []
        rows.append(row)
        if len(row) != width:
            kind = f'is not {expected}'
        elif not all(map(math.isfinite, row)):
            kind = 'is NaN or infinite'
        elif min(row[-2:]) < 0:
            kind = 'has a negative size' if width == 4 else 'is negative'
        else:
            continue
        wrong.setdefault(kind, []).append((number, line))
    for kind, [(number, line), *others] in wrong.items():
        more = f' ({len(others)} more lines like it)' if others else ''
        scan.problem(path, f'line {number}, {line[:60]!r}, {kind}{more}.')
    if len(lines) != count:
        scan.problem(path, f'found {len(lines)} lines, expected {count}, one per frame.')
    return None if wrong or len(lines) != count else rows


def _add(scan: Scan, name: str, lines: Iterable[str]) -> None:
    content = ''.join(line + '\n' for line in lines).encode()
    scan.entries[name] = lambda: content
