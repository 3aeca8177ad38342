"""The output folder of a run: its record, and removal of an earlier run's outputs."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...errors import OutputError
from ...files import is_dir, is_file
from ...formats.text_file import write_json

RECORD = 'track.json'


def check_folder(folder: Path, targets: Iterable[str]) -> None:
    """Check that a run can write its outputs without mixing them with other files.

    Args:
        folder: folder of the outputs.
        targets: files and folders in it.

    Raises:
        OutputError: a folder of outputs holds files that no earlier run wrote.
    """
    former = _former(folder)
    for target in targets:
        path = folder / target
        if target not in former and is_dir(path) and any(path.iterdir()):
            raise OutputError(
                f'{path}: holds files that no run recorded in {RECORD} beside it. Choose another out_dir, or '
                'remove them.'
            )


def clear_folder(folder: Path, known: Iterable[str]) -> None:
    """Remove the outputs of an earlier run.

    Args:
        folder: folder of the outputs.
        known: every name that an output may have; nothing else is removed, whatever the record says.
    """
    for target in _former(folder) & {*known}:
        path = folder / target
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write_record(folder: Path, targets: Iterable[str], complete: bool, **facts: Any) -> None:
    """Record the outputs of a run, at its start and at its end."""
    write_json(folder / RECORD, dict(outputs=sorted(targets), complete=complete, **facts))


def drop_empty_record(folder: Path, targets: Iterable[str]) -> None:
    """Remove the record of a run that failed before it wrote anything."""
    paths = [folder / target for target in targets]
    for path in paths:
        if is_dir(path) and not any(path.iterdir()):
            path.rmdir()
    if is_file(folder / RECORD) and not any(path.exists() for path in paths):
        (folder / RECORD).unlink()


def _former(folder: Path) -> set[str]:
    path = folder / RECORD
    if not is_file(path):
        return set()
    try:
        outputs = json.loads(path.read_bytes())['outputs']
    except (ValueError, KeyError, TypeError):
        return set()
    return {name for name in outputs if isinstance(name, str)} if isinstance(outputs, list) else set()
