"""Text and JSON files, read with helpful errors and written atomically."""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ..atomic import atomic_path
from ..errors import AnnotationError
from ..files import read_regular, shown_path
from .schema import Record, as_record, decode_json

_MISSING = 'annotation file not found. Check the folder and its layout.'
_NO_ANN_FILE = 'annotation file not found. ann_file is relative to data_root.'


def read_text(path: str | Path, missing: str = _MISSING) -> str:
    """Content of a text file.

    Args:
        path: of the file.
        missing: what the message says after the path if there is no file.

    Raises:
        AnnotationError: no such file, or not text.
    """
    try:
        text = read_regular(path, AnnotationError, missing).decode('utf-8-sig')
    except UnicodeDecodeError:
        text = '\0'
    if '\0' in text:
        raise AnnotationError(
            f'{shown_path(path)}: expected text, found other data. Copy or export it again.'
        )
    return text


def read_lines(path: str | Path) -> list[str]:
    """Lines of a text file, without trailing empty lines; errors as of :func:`read_text`."""
    return read_text(path).rstrip().splitlines()


def parse_number(text: str) -> float:
    """Number in a text file.

    Raises:
        ValueError: not a number as other programs write it; Python itself would read ``1_0`` as 10.
    """
    if '_' in text or not text.isascii():
        raise ValueError(f'{text!r} is not a number')
    return float(text)


def write_lines(path: str | Path, lines: Iterable[str]) -> None:
    """Write lines to a text file, atomically; parent folders are created."""
    with atomic_path(path) as partial:
        partial.write_text(''.join(f'{line}\n' for line in lines), 'utf-8')


def check_relative(path: str, where: str) -> None:
    """Check that a path stored in a file stays below the folder that it is relative to.

    Raises:
        AnnotationError: it is absolute, has a part ``..``, or is empty.
    """
    if PurePosixPath(path).is_absolute() or '..' in re.split(r'[/\\]', path) or not path.strip('./'):
        raise AnnotationError(f'{where}: expected a relative path without "..", found {path!r:.200}.')


def read_json(path: str | Path, kind: Any = Any, layout: str = '', missing: str = _NO_ANN_FILE) -> Any:
    """Content of an annotation file.

    Args:
        path: of the file.
        kind: record that the content becomes, see :func:`~vosplug.formats.schema.decode_json`.
        layout: of the record, for messages.
        missing: what the message says after the path if there is no file.

    Raises:
        AnnotationError: no such file, not JSON, or not of this kind.
    """
    return decode_json(read_regular(path, AnnotationError, missing), kind, path, layout)


def read_yaml(path: str | Path, kind: type[Record], layout: str) -> Record:
    """Content of a YAML file as a record; arguments as of :func:`read_json`.

    Raises:
        AnnotationError: no such file, not YAML, or of another layout.
    """
    # imported only for the few files in this format
    import yaml

    text = read_text(path)
    try:
        content = yaml.safe_load(text)
    # besides YAML errors, those of the types that tags such as !!timestamp request
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise AnnotationError(f'{path}: cannot be read as YAML: {str(error):.500}.') from None
    return as_record(content, kind, path, layout)


def write_json(path: str | Path, report: dict) -> None:
    """Write JSON atomically; NaN becomes null, which strict parsers accept."""
    text = json.dumps(without_nan(report), indent=2, allow_nan=False) + '\n'
    with atomic_path(path) as partial:
        partial.write_text(text, 'utf-8')


def write_compact_json(path: str | Path, content: object) -> None:
    """Write large JSON atomically, without spaces; parent folders are created."""
    with atomic_path(path) as partial:
        partial.write_bytes(msgspec.json.encode(content) + b'\n')


def without_nan(value: object) -> object:
    """A report whose NaN are None, which JSON has."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
