"""Atomic writing of files and folders."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: str | Path, folder: str | Path | None = None) -> Iterator[Path]:
    """Yield a temporary path whose file or folder replaces ``path`` when the block succeeds.

    If the block raises, the temporary file or folder is removed and ``path`` is unchanged.

    Args:
        path: target; its parent folders are created. A folder can only replace an empty one.
        folder: for the temporary path, on the same file system; None: that of ``path``. A killed process
            leaves its temporary files there.

    Yields:
        Path: hidden, with the suffix of ``path``, from which writers infer the format.
    """
    path = Path(path)
    folder = path.parent if folder is None else Path(folder)
    for parent in (path.parent, folder):
        parent.mkdir(parents=True, exist_ok=True)
    partial = folder / f'.{path.stem}.{os.getpid()}{path.suffix}'
    try:
        yield partial
        os.replace(partial, path)
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        else:
            partial.unlink(missing_ok=True)
