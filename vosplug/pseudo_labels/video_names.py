"""Checks that the names of videos can be used as separate folders."""

import logging
import unicodedata
import uuid
from collections.abc import Iterable
from pathlib import Path

from mmengine.logging import print_log

from ..errors import AnnotationError
from ..formats.output_path import check_output_name


def check_video_names(names: Iterable[str], out: Path) -> None:
    """Check that every name can be a separate folder below ``out``.

    Names that only differ in case are one folder on some file systems (macOS, Windows): an error there, and a
    warning elsewhere, since the labels may be copied.

    Raises:
        AnnotationError: a name that :func:`~vosplug.formats.output_path.check_output_name` refuses, a
            duplicate, or one nested in another (``a`` and ``a/b``).
    """
    seen: set[str] = set()
    for name in names:
        check_output_name(name)
        if name in seen:
            raise AnnotationError(
                f'video {name!r} is listed twice; names must be unique. Rename one of them.'
            )
        seen.add(name)
    for name in seen:
        for parent in _parents(name):
            if parent in seen:
                raise AnnotationError(
                    f'videos {parent!r} and {name!r}: the labels of the second would lie among those of the '
                    'first. Rename one of them, or move its frames.'
                )
    _check_case(seen, out)


def _parents(name: str) -> Iterable[str]:
    parts = name.split('/')
    return ('/'.join(parts[:k]) for k in range(1, len(parts)))


def _check_case(names: set[str], out: Path) -> None:
    """Check that no two folders of names, or their parent folders, differ only in case."""
    folded: dict[str, str] = {}
    for name in names:
        for path in (*_parents(name), name) if '/' in name else (name,):
            key = unicodedata.normalize('NFC', path).casefold()
            if (other := folded.setdefault(key, path)) != path:
                first, second = sorted((other, path))
                found = f'{first!r} and {second!r} differ only in case, and are one folder on some systems'
                if _ignores_case(out):
                    raise AnnotationError(f'{found}, such as that of {out}. Rename one of them.')
                print_log(f'{found}, such as macOS and Windows.', 'current', logging.WARNING)
                return


def _ignores_case(out: Path) -> bool:
    """Whether the file system of a folder ignores the case of names."""
    folder = next(path for path in (out, *out.absolute().parents) if path.is_dir())
    probe = folder / f'.case-{uuid.uuid4().hex}a'
    try:
        probe.touch()
        return probe.with_name(probe.name.upper()).exists()
    except OSError:
        return False  # not writable; writing the labels will report that
    finally:
        probe.unlink(missing_ok=True)
