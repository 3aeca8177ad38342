"""Checked access to input files and folders."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import VOSError

_KINDS = {
    stat.S_IFDIR: 'a folder',
    stat.S_IFIFO: 'a pipe',
    stat.S_IFSOCK: 'a socket',
    stat.S_IFCHR: 'a device',
    stat.S_IFBLK: 'a device',
}


def is_file(path: str | Path) -> bool:
    """Whether a path is a file; False for names that no file can have, for which ``Path`` raises."""
    return os.path.isfile(path)


def is_dir(path: str | Path) -> bool:
    """Whether a path is a folder; see :func:`is_file`."""
    return os.path.isdir(path)


def check_regular(path: str | Path, error: type[VOSError], missing: str = 'no such file.') -> None:
    """Check that a path is a regular file; reading a pipe or device may never end.

    Args:
        path: of the file; links are followed.
        error: class of the errors.
        missing: what the message says after the path if there is no file.

    Raises:
        VOSError: of class ``error``: no such file, not a regular file, or not accessible.
    """
    if not isinstance(path, str | Path):  # os.stat would take a number as a file descriptor
        raise error(f'found {path!r:.200}, expected the path of a file.')
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise error(f'{shown_path(path)}: {missing}') from None
    except (OSError, ValueError) as reason:  # ValueError: NUL, or characters that no file name can have
        raise error(f'{shown_path(path)}: {_unreadable(reason)}') from None
    if kind != stat.S_IFREG:
        found = _KINDS.get(kind, 'something else')
        raise error(f'{shown_path(path)}: {missing} (Found {found}, expected a file.)')


def open_regular(path: str | Path, error: type[VOSError], missing: str = 'no such file.') -> BinaryIO:
    """Open a regular file in binary mode; arguments and errors as in :func:`check_regular`."""
    check_regular(path, error, missing)
    try:
        return open(path, 'rb')
    except OSError as reason:
        raise error(f'{shown_path(path)}: {_unreadable(reason)}') from None


def read_regular(path: str | Path, error: type[VOSError], missing: str = 'no such file.') -> bytes:
    """Bytes of a regular file; arguments and errors as in :func:`check_regular`."""
    with open_regular(path, error, missing) as file:
        try:
            return file.read()
        except OSError as reason:
            raise error(f'{shown_path(path)}: {_unreadable(reason)}') from None


def walk_folders(root: Path, error: type[VOSError]) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk a folder and all folders below it, except hidden ones.

    Links to folders are followed, except links to a folder that contains them.

    Args:
        root: where to start.
        error: class of the errors.

    Yields:
        tuple: a folder, the names of its subfolders that are visited later, and the names of its files.

    Raises:
        VOSError: of class ``error``: a folder is missing or not accessible.
    """
    left = [root]
    while left:
        folder = left.pop()
        try:
            with os.scandir(folder) as entries:
                found = sorted((e.name, e.is_dir(), e.is_symlink()) for e in entries)
        except (OSError, ValueError) as reason:  # ValueError: NUL, or characters that no file name can have
            path = getattr(reason, 'filename', None) or folder
            raise error(f'{shown_path(path)}: {_unreadable(reason)}') from None
        folders = [
            name
            for name, is_folder, linked in found
            if is_folder and not is_hidden_folder(name) and not (linked and _leads_back(folder, name))
        ]
        yield folder, folders, [n for n, is_folder, _ in found if not is_folder and not n.startswith('.')]
        left += [folder / name for name in reversed(folders)]


def is_hidden_folder(name: str) -> bool:
    """Whether a folder of this name is made by a program: ``.ipynb_checkpoints``, or ``@eaDir`` of a NAS."""
    return name.startswith(('.', '@'))


def _leads_back(folder: Path, name: str) -> bool:
    """Whether a link leads to a folder that contains it, directly or via other links."""
    target, around = (folder / name).resolve(), [folder.absolute(), *folder.absolute().parents]
    return any(target == real or target in real.parents for real in map(Path.resolve, around))


def shown_path(path: str | Path) -> str:
    """A path for messages: on one line, and truncated if very long."""
    text = str(path)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= 500 else f'{text[:200]}...{text[-100:]}'


def natural_key(name: str) -> tuple[list, str]:
    """Sort key for natural order: ``frame2`` comes before ``frame10``."""
    parts: list = re.split(r'([0-9]+)', name)
    for k in range(1, len(parts), 2):
        digits = parts[k].lstrip('0')
        parts[k] = len(digits), digits  # ordered as numbers, of any length
    return parts, name


def list_folder(folder: Path, error: type[VOSError], missing: str) -> list[Path]:
    """Files and folders in a folder, without hidden ones such as ``._00000.jpg``.

    Args:
        folder: to list; links are followed.
        error: class of the error.
        missing: what the message says if there is no such folder.

    Raises:
        VOSError: of class ``error``: no such folder, not a folder, or no permission.
    """
    try:
        return [p for p in folder.iterdir() if not p.name.startswith('.')]
    except (OSError, ValueError) as cause:  # ValueError: a null character
        reason = getattr(cause, 'strerror', cause)
        raise error(f'{shown_path(folder)}: {missing} ({reason})') from None


def _unreadable(reason: OSError | ValueError) -> str:
    text = reason.strerror if isinstance(reason, OSError) else str(reason)
    return f'cannot be read ({text}). Correct the path, or make the file readable.'
