"""Output paths made from names in data."""

import os
import re
from pathlib import Path

from ..errors import AnnotationError

_DRIVE = re.compile('[A-Za-z]:')
_UNWRITABLE = re.compile('[\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_LONGEST = 240  # bytes of a name; file systems allow 255, of which temporary files need some
_LONGEST_PATH = 4000  # bytes; Linux allows 4095


def output_path(folder: str | Path, *names: str) -> Path:
    """Path of an output in a folder, or below, from names that come from data.

    Args:
        folder: chosen by the user; it may be a link.
        names: such as of a video, which may contain folders, and of a frame, with its suffix.

    Raises:
        AnnotationError: a name that :func:`check_output_name` refuses, one that leads outside through a link
            in the folder, or a path that is too long.

    Example:
        >>> output_path('out', 'LaSOT/zebra-14', '00001.png').as_posix()
        'out/LaSOT/zebra-14/00001.png'
    """
    for name in names:
        check_output_name(name)
    path = Path(folder, *names)
    real, root = os.path.realpath(path), os.path.realpath(folder)
    if os.path.commonpath([real, root]) != root:
        raise AnnotationError(
            f'{path}: leads through a link to {real}, outside {folder}. Remove the link, or write to another '
            'folder.'
        )
    if len(os.fsencode(real)) > _LONGEST_PATH:
        raise AnnotationError(
            f'{names[0]!r:.200}: below {folder}, its path has more than {_LONGEST_PATH} bytes. Shorten the '
            'name, or write to another folder.'
        )
    return path


def check_output_name(name: str, where: str = 'output') -> None:
    """Check that a name from data can be written below a folder, on any system, and leads nowhere else.

    Args:
        name: such as of a video; it may contain folders.
        where: source of the name; messages begin with it.

    Raises:
        AnnotationError: it is absolute, starts with a drive, has a part that is ``..``, ``.`` or empty,
            contains backslashes, control characters or lone surrogates, or is too long.
    """
    parts = name.split('/')
    if name.startswith('/') or _DRIVE.match(name):
        wrong = 'is absolute'
    elif '..' in parts:
        wrong = 'contains ".."'
    elif '' in parts or '.' in parts:
        wrong = 'is empty, or has an empty or "." part'
    elif '\\' in name:
        wrong = 'contains a backslash'
    elif _UNWRITABLE.search(name):
        wrong = 'contains control characters or lone surrogates'
    elif any(len(part.encode()) > _LONGEST for part in parts):
        wrong = f'is longer than {_LONGEST} bytes'
    else:
        return
    raise AnnotationError(
        f'{where}: the name {name!r:.200} of a video or frame {wrong}; expected a relative path, its parts '
        'separated by "/", that can be written on any system. Rename it in the data.'
    )
