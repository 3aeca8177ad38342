"""Atomic writing of files and folders."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import OutputError


@contextmanager
def atomic_path(path: str | Path, folder: str | Path | None = None, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary path whose file or folder replaces ``path`` when the block succeeds.

    If the block raises, the temporary file or folder is removed and ``path`` is unchanged.

    Args:
        path: target; its parent folders are created. A folder can only replace an empty one.
        folder: folder of the temporary path, on the same file system; None: that of ``path``. A killed
            process leaves its temporary files there.
        durable: flush the file to disk, so that it survives a power failure; takes about ten milliseconds.
            For files that mark others as complete, or took long to compute.

    Yields:
        Path: hidden, with the suffix of ``path``, from which writers infer the format.

    Raises:
        OutputError: the disk is full or read-only, there is no permission, or a folder is in the way.
    """
    path = Path(path)
    folder = path.parent if folder is None else Path(folder)
    partial = folder / f'.{path.stem}.{os.getpid()}{path.suffix}'  # as in remove_partials
    try:
        for parent in (path.parent, folder):
            parent.mkdir(parents=True, exist_ok=True)
        yield partial
        if durable:
            _sync(partial)
        os.replace(partial, path)
        if durable:
            _sync(path.parent)
    except OSError as error:
        if not _is_about(error, partial, path):
            raise
        raise OutputError(
            f'{path}: cannot be written ({error.strerror or error}). Free space on the disk, or choose a '
            'writable folder. What was there before is unchanged.'
        ) from error
    finally:
        with contextlib.suppress(OSError):  # a full or read-only disk has been reported already
            if partial.is_dir():
                shutil.rmtree(partial)
            else:
                partial.unlink(missing_ok=True)


def remove_partials(folder: str | Path, suffix: str) -> None:
    """Remove temporary files of killed processes from a folder that no other process is writing to.

    Args:
        folder: may be missing.
        suffix: of the files, such as ``.png``.
    """
    pattern = re.compile(rf'\..+\.[0-9]+{re.escape(suffix)}')
    for path in Path(folder).glob(f'.*{suffix}'):
        if pattern.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _is_about(error: OSError, partial: Path, path: Path) -> bool:
    """Whether an error comes from writing; if the block fails to open another file, the error names it."""
    if error.filename is None:
        return True
    name = Path(os.fsdecode(error.filename))
    return name in (partial, *partial.parents, path, *path.parents) or partial in name.parents
