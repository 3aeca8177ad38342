"""CSV tables."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import AnnotationError
from ..structures.box_ops import MAX_OBJECTS
from .text_file import read_text


def read_table(
    path: str | Path, columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a CSV file whose first line names the columns.

    Args:
        path: of the file.
        columns: that it must have; others are ignored.
        optional: columns whose values are empty if the file lacks them.

    Yields:
        tuple: file and line, for messages, and the values of the row by column.

    Raises:
        AnnotationError: no such file, not CSV, without one of the columns, with one twice, or a row of
            another length.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=''), strict=True)
    try:
        head = next(reader, [])
        missing = [name for name in columns if head.count(name) != 1]
        if missing:
            raise AnnotationError(
                f'{path}: lacks the columns {missing}, or has them twice; expected a first line '
                f'{",".join([*columns, *optional])}, found {",".join(head)!r:.200}.'
            )
        for row in reader:
            where = f'{path}, line {reader.line_num}'
            if row and len(row) != len(head):
                raise AnnotationError(f'{where}: expected {len(head)} values, found {len(row)}. Correct it.')
            if row:
                values = dict(zip(head, row, strict=True))
                yield where, {name: values.get(name, '') for name in (*columns, *optional)}
    except csv.Error as error:
        raise AnnotationError(f'{path}, line {reader.line_num}: not CSV ({error}). Correct it.') from None


def parse_object(text: str, where: str) -> int:
    """Object id in a table.

    Raises:
        AnnotationError: not an id of an object; the message begins with ``where``.
    """
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise AnnotationError(f'{where}: expected a whole number as object, found {text!r:.60}.')
    if not 1 <= int(text) <= MAX_OBJECTS:
        raise AnnotationError(f'{where}: object {text}; ids must lie in 1..{MAX_OBJECTS}.')
    return int(text)
