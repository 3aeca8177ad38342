"""Data of submissions, and what is in one."""

import struct
import zipfile
from pathlib import Path

import numpy as np

from vosplug.evaluation.submission import Problem
from vosplug.formats import write_id_mask

LENGTH = 6


def write_masks(folder: Path, masks: np.ndarray) -> None:
    for t, mask in enumerate(masks):
        write_id_mask(folder / f'{t:05d}.png', mask)


def names_in(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def content(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def wrong(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if not problem.warning]


def write_run(folder: Path, name: str, length: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    regions = ['1', *['m3,4,2,2,1,3'] * (length - 1)]
    (folder / f'{name}.txt').write_text('\n'.join(regions) + '\n')
    (folder / f'{name}_time.value').write_text('0.01\n' * length)


def binary_run(length: int) -> bytes:
    """Initialisation, then a rectangle, a mask, a polygon, a point, and rectangles."""
    mask = struct.pack('<BhhHHH2H', 3, 3, 4, 2, 2, 2, 1, 3)
    others = [mask, struct.pack('<BH6f', 2, 3, *range(6)), struct.pack('<Bff', 4, 1, 2)]
    rectangles = [struct.pack('<B4f', 1, 1, 2, 3, 4)] * (length - 1 - len(others))
    return b''.join([struct.pack('<hI', 1, length), struct.pack('<BI', 0, 1), *others, *rectangles])
