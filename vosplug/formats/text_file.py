"""Text and JSON files, read with helpful errors and written atomically."""

import json
import math
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from ..atomic import atomic_path
from ..errors import AnnotationError


def read_lines(path: str | Path) -> list[str]:
    """Lines of a text file, without trailing empty lines.

    Raises:
        AnnotationError: no such file, or not text.
    """
    path = Path(path)
    try:
        return path.read_text('utf-8-sig').rstrip().splitlines()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise AnnotationError(
            f'{path}: annotation file not found. Check the folder and its layout.'
        ) from None
    except UnicodeDecodeError:
        raise AnnotationError(f'{path}: expected text, found other data. Copy or export it again.') from None


def write_lines(path: str | Path, lines: Iterable[str]) -> None:
    """Write lines to a text file, atomically; parent folders are created."""
    with atomic_path(path) as partial:
        partial.write_text(''.join(f'{line}\n' for line in lines), 'utf-8')


def check_relative(path: str, where: str) -> None:
    """Check that a path stored in a file leads to somewhere below the folder that it is relative to.

    Raises:
        AnnotationError: it is absolute, or has a part ``..``.
    """
    if PurePosixPath(path).is_absolute() or '..' in PurePosixPath(path).parts:
        raise AnnotationError(f'{where}: expected a relative path without "..", found {path!r}.')


def read_json(path: str | Path) -> Any:
    """Content of an annotation file.

    Raises:
        AnnotationError: no such file, or not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding='utf-8'))
    except FileNotFoundError:
        raise AnnotationError(
            f'{path}: annotation file not found. ann_file is relative to data_root.'
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise AnnotationError(f'{path}: not valid JSON ({error}). Export it again.') from None


def write_json(path: str | Path, report: dict) -> None:
    """Write JSON atomically; NaN becomes null, which strict parsers accept."""
    text = json.dumps(_without_nan(report), indent=2, allow_nan=False) + '\n'
    with atomic_path(path) as partial:
        partial.write_text(text, 'utf-8')


def _without_nan(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
