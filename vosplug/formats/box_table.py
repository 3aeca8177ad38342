"""Boxes of videos as CSV, ``video,frame,object,x1,y1,x2,y2`` and, optionally, ``category``."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..atomic import atomic_path
from ..errors import AnnotationError
from ..structures.image_file import IMAGE_SUFFIXES
from .table import parse_object, read_table
from .text_file import parse_number

COLUMNS = ('video', 'frame', 'object', 'x1', 'y1', 'x2', 'y2')


class TableRow(NamedTuple):
    """A box of an object in a frame."""

    video: str
    frame: str  # name, without the suffix of a file
    object_id: int  # 1..254
    box: tuple[float, float, float, float]  # xyxy in pixels, right and bottom exclusive; may be damaged
    category: str = 'object'


def read_box_table(path: str | Path) -> Iterator[TableRow]:
    """Boxes of a CSV file, in file order.

    Raises:
        AnnotationError: no such file, without one of the columns, or a row that is not a box of an object.
    """
    for where, row in read_table(path, COLUMNS, ('category',)):
        texts = [row[name] for name in COLUMNS[3:]]
        try:
            x1, y1, x2, y2 = (parse_number(text) for text in texts)
        except ValueError:
            raise AnnotationError(f'{where}: expected four numbers x1, y1, x2, y2, found {texts}.') from None
        object_id = parse_object(row['object'], where)
        category = row['category'] or 'object'
        yield TableRow(row['video'], _frame_name(row['frame']), object_id, (x1, y1, x2, y2), category)


def write_box_table(path: str | Path, rows: Iterable[TableRow]) -> None:
    """Write boxes as CSV, atomically; parent folders are created."""
    with atomic_path(path) as partial, open(partial, 'w', encoding='utf-8', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow([*COLUMNS, 'category'])
        writer.writerows(
            [row.video, row.frame, row.object_id, *map(float, row.box), row.category] for row in rows
        )


def _frame_name(text: str) -> str:
    """Name of a frame that is given by its name or file name."""
    path = PurePosixPath(text)
    return path.stem if path.suffix.lower() in IMAGE_SUFFIXES else text
