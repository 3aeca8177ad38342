"""Files that are written whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: str | Path, folder: str | Path | None = None) -> Iterator[Path]:
    """A temporary path whose file or folder takes the place of ``path`` when the block succeeds.

    When the block raises, the temporary file or folder is removed and ``path`` is as it was.

    Args:
        path: target; its parent folders are made. A folder can only replace an empty one.
        folder: where the temporary path lies, on the same file system; None: beside ``path``. A process that
            is killed leaves its temporary files there.

    Yields:
        Path: hidden and with the suffix of ``path``, by which writers choose the format.
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
