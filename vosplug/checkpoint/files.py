"""Reading of weight files as data."""

import logging
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer, print_log
from numpy._core import multiarray
from safetensors import SafetensorError, safe_open

from ..errors import CheckpointError
from ..files import is_dir, is_file, shown_path
from .pretrained import how_to_get

TRUSTED_FILES = 'VOSPLUG_TRUSTED_FILES'
"""Environment variable: paths, separated as in ``PATH``, of pickles that may run code when they are read."""

_STATISTICS = ('current', 'max', 'mean', 'min')


def _history_method(owner: type, name: str) -> object:
    """Replacement for ``getattr`` in checkpoints: only statistics of HistoryBuffer may be looked up."""
    if owner is not HistoryBuffer or name not in _STATISTICS:
        raise CheckpointError(f'a checkpoint may not look up {name!r} of {owner!r}.')
    return getattr(owner, name)


# contents of mmengine's checkpoints besides tensors and plain containers
_KNOWN_TYPES = [
    (_history_method, 'builtins.getattr'),
    HistoryBuffer,
    np.ndarray,
    np.dtype,
    multiarray._reconstruct,
    multiarray.scalar,
    *(type(np.dtype(t)) for t in ('float64', 'float32', 'int64', 'int32', 'uint32', 'bool', 'uint8')),
]


def read_checkpoint(path: str | Path, map_location: str | None = 'cpu') -> dict:
    """Read a checkpoint; files that would execute code when loaded are rejected.

    Only files named by the environment variable :data:`TRUSTED_FILES` are loaded with their code, with a
    warning. The variable applies to all loading of weights: ``init_cfg``, ``load_from``, resuming, all tools.

    Raises:
        CheckpointError: missing, damaged, or containing anything but weights and plain data.
    """
    check_is_file(path)
    device = map_location or 'cpu'
    if Path(path).suffix == '.safetensors':
        return _read_safetensors(path, device)
    _check_records(path)
    try:
        with torch.serialization.safe_globals(_KNOWN_TYPES):
            checkpoint = torch.load(path, map_location=device, weights_only=True)
    except OSError as error:
        raise CheckpointError(f'{path}: cannot be read ({error}).') from error
    except Exception as error:  # torch raises many types of errors for damaged files
        if not is_trusted(path):
            raise CheckpointError(
                f'{path}: cannot be read as a checkpoint of weights ({_reason(error)}). It is damaged, or '
                'holds Python objects, which are never loaded. Ask its author for safetensors; if you '
                f'trust the author, set {TRUSTED_FILES}={Path(path).resolve()}, and its code will run.'
            ) from error
        checkpoint = _load_with_code(path, device)
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f'{path}: holds a {type(checkpoint).__name__}, expected a dict of weights.')
    return checkpoint


def check_is_file(path: str | Path) -> None:
    """Raise a CheckpointError unless ``path`` is a file with content."""
    if not isinstance(path, str | Path):  # Python would take a number as a file descriptor
        raise CheckpointError(f'checkpoint: found {path!r:.200}, expected the path of a file of weights.')
    path = Path(path)
    if not os.path.exists(path):  # Path.exists raises for names that no file can have
        raise CheckpointError(f'{shown_path(path)}: no such checkpoint.{how_to_get(path)}')
    if not is_file(path):
        kind = 'folder' if is_dir(path) else 'device or pipe'
        raise CheckpointError(f'{path}: found a {kind}, expected a file of weights.')
    if not path.stat().st_size:
        raise CheckpointError(f'{path}: is empty, expected weights. Copy or download it again.')


def is_trusted(path: str | Path) -> bool:
    """Whether :data:`TRUSTED_FILES` names this file."""
    return Path(path).resolve() in trusted_files()


def trusted_files() -> list[Path]:
    """The files that :data:`TRUSTED_FILES` names."""
    return [Path(name).resolve() for name in os.environ.get(TRUSTED_FILES, '').split(os.pathsep) if name]


def warn_of_code(path: str | Path) -> None:
    """Log that a trusted file is loaded with its code."""
    print_log(f'{path}: loaded with its code, because {TRUSTED_FILES} lists it.', 'current', logging.WARNING)


def _load_with_code(path: str | Path, device: str) -> Any:
    warn_of_code(path)
    try:
        return torch.load(path, map_location=device, weights_only=False)
    except Exception as error:  # its code may raise anything
        raise CheckpointError(
            f'{path}: trusted, but cannot be loaded ({type(error).__name__}: {error}). It is damaged, or '
            'needs the packages that wrote it.'
        ) from error


def _check_records(path: str | Path) -> None:
    """Reject a zip whose records are larger than the file, before anything is unpacked."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            declared = sum(record.file_size for record in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise CheckpointError(f'{path}: is a damaged zip ({error}), expected a checkpoint.') from error
    size = Path(path).stat().st_size
    if declared > size:
        raise CheckpointError(
            f'{path}: its records declare {declared} bytes in a file of {size}; torch.save compresses '
            'nothing. Save the checkpoint again with torch.save, if you trust it.'
        )


def _read_safetensors(path: str | Path, device: str) -> dict:
    try:
        with safe_open(path, framework='pt', device=device) as file:
            state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118, it is no dict
            return dict(state_dict=state, meta=file.metadata() or {})
    except (SafetensorError, OSError, ValueError, RuntimeError, AttributeError) as error:
        raise CheckpointError(
            f'{path}: cannot be read as safetensors ({error}). Copy or download it again.'
        ) from error


def _reason(error: Exception) -> str:
    """The line with the cause of the error, without torch's advice to load the file unsafely."""
    lines = str(error).splitlines() or [type(error).__name__]
    named = [line.strip() for line in lines if 'WeightsUnpickler error' in line]
    return (named or lines)[0].split(' Please use')[0]
