"""Types of the values in JSON annotations, and their validation."""

import re
from collections.abc import Container, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from ..errors import AnnotationError
from ..files import shown_path

LARGEST = 1e9  # coordinate in pixels; a larger one is damaged, and would be infinite when added up in float32

Id = int | str
Side = Annotated[int, Meta(ge=1, le=2**15)]  # height or width in pixels
Coordinate = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Box = tuple[Coordinate, Coordinate, Coordinate, Coordinate]  # x, y, width, height

Record = TypeVar('Record')

_MISSING = re.compile(r'Object missing required field `(.+)`')


class RLE(Struct, frozen=True):
    """Run lengths of a mask, column by column, starting with background."""

    size: tuple[int, int]  # (H, W)
    counts: str | list[Annotated[int, Meta(ge=0, le=2**31)]]  # text: compressed


Segmentation = RLE | list[list[float]]  # a list: polygons, x, y, x, y, ...


class Category(Struct, frozen=True):
    """Category of objects."""

    id: Id
    name: str | int


def decode_json(data: bytes, kind: type[Record], path: str | Path, layout: str) -> Record:
    """Content of a JSON file as a record.

    Args:
        data: of the file.
        kind: of the record, such as a ``Struct``; ``Any``: dicts and lists.
        path: of the file, for messages.
        layout: the expected layout in messages, such as ``'"videos" (id) and "annotations" (bboxes)'``.

    Raises:
        AnnotationError: not JSON (which has no ``NaN`` or infinite numbers), or of another layout.
    """
    try:
        return msgspec.json.decode(data.removeprefix(b'\xef\xbb\xbf'), type=kind)
    except msgspec.ValidationError as error:
        raise _of_layout(error, path, layout) from None
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f'{shown_path(path)}: not valid JSON ({error}). Export it again.') from None


def as_record(content: Any, kind: type[Record], path: str | Path, layout: str, strict: bool = True) -> Record:
    """Convert dicts and lists to a record.

    Args:
        content: plain values.
        kind: of the record.
        path: of the file, for messages.
        layout: as in :func:`decode_json`.
        strict: whether numbers must be numbers; otherwise they may be text, as in XML.

    Raises:
        AnnotationError: of another layout.
    """
    try:
        return msgspec.convert(content, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _of_layout(error, path, layout) from None


def category_names(categories: Sequence[Category], path: str | Path) -> dict[Id | None, str]:
    """Category id -> name.

    Raises:
        AnnotationError: an id occurs twice.
    """
    check_distinct((category.id for category in categories), path, 'category')
    return {category.id: str(category.name) for category in categories}


def check_distinct(keys: Iterable[Hashable], path: str | Path, what: str) -> None:
    """Check that keys, such as ids, are distinct.

    Raises:
        AnnotationError: one occurs twice; the message names it after ``what``.
    """
    seen = set()
    for key in keys:
        if key in seen:
            raise AnnotationError(
                f'{shown_path(path)}: {what} {key!r:.200} is listed twice; expected each once. Remove or '
                'rename one.'
            )
        seen.add(key)


def check_listed(key: Id, listed: Container[Id], where: str) -> None:
    """Check that an id refers to something.

    Raises:
        AnnotationError: it is not listed; the message begins with ``where``.
    """
    if key not in listed:
        raise AnnotationError(f'{where}: {key!r:.200} is not listed. Add it, or remove this entry.')


def id_order(key: Id) -> tuple[bool, Id]:
    """Sort key of ids: numbers, then texts."""
    return isinstance(key, str), key


def _of_layout(error: msgspec.ValidationError, path: str | Path, layout: str) -> AnnotationError:
    problem, _, where = str(error).partition(' - at ')
    where = where.strip('`').removeprefix('$').removeprefix('.') or 'the file'
    missing = _MISSING.fullmatch(problem)
    if missing:
        found = f'{where} lacks "{missing[1]}"'
    else:
        problem = problem.replace(', got ', ', found ').replace('`', '')
        found = f'{where}: {problem[0].lower()}{problem[1:]}'
    expected = f'; the layout is {layout}' if layout else ''
    return AnnotationError(f'{shown_path(path)}: {found}{expected}. Correct it, or export it again.')
