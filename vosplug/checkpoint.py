"""Checkpoints: read as data, never executed, and checked against the model."""

from pathlib import Path

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner.checkpoint import CheckpointLoader, load_from_torchvision
from numpy._core import multiarray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from .atomic import atomic_path
from .errors import CheckpointError, ConfigError


def _history_method(owner: type, name: str) -> object:
    """Replacement of ``getattr`` in checkpoints: only methods of HistoryBuffer may be looked up."""
    if owner is not HistoryBuffer:
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

    Raises:
        CheckpointError: missing, damaged, or containing anything but weights and plain data.
    """
    if not Path(path).is_file():
        raise CheckpointError(f'{path}: no such checkpoint.')
    if Path(path).suffix == '.safetensors':
        return _read_safetensors(path, map_location or 'cpu')
    try:
        with torch.serialization.safe_globals(_KNOWN_TYPES):
            checkpoint = torch.load(path, map_location=map_location or 'cpu', weights_only=True)
    except Exception as error:  # torch raises many types of errors for damaged files
        raise CheckpointError(
            f'{path}: cannot be read as a checkpoint of weights ({_reason(error)}). It is damaged, or holds '
            'Python objects, which are never loaded.'
        ) from error
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f'{path}: holds a {type(checkpoint).__name__}, expected a dict of weights.')
    return checkpoint


def _read_safetensors(path: str | Path, device: str) -> dict:
    try:
        with safe_open(path, framework='pt', device=device) as file:
            state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118, it is no dict
            return dict(state_dict=state, meta=file.metadata() or {})
    except SafetensorError as error:
        raise CheckpointError(f'{path}: cannot be read as safetensors ({error}).') from error


def publish(state: dict[str, torch.Tensor], path: str | Path, meta: dict[str, str]) -> None:
    """Write weights for release: half precision, no optimizer state, safetensors; atomically.

    Args:
        state: weights; integers keep their type.
        path: ends in ``.safetensors``.
        meta: metadata; ``config`` is the path of their config below ``configs/``.
    """
    half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    with atomic_path(path) as partial:
        # save_file would make a file that only its owner can read
        partial.write_bytes(save({k: v.contiguous().cpu() for k, v in half.items()}, metadata=meta))


def _reason(error: Exception) -> str:
    """The line with the cause of the error, without torch's advice to load the file unsafely."""
    lines = str(error).splitlines() or [type(error).__name__]
    named = [line.strip() for line in lines if 'WeightsUnpickler error' in line]
    return (named or lines)[0].split(' Please use')[0]


def use_safe_checkpoints() -> None:
    """Make mmengine read checkpoints through :func:`read_checkpoint`, and explain missing torchvision."""

    @CheckpointLoader.register_scheme(prefixes='', force=True)
    def _load(filename: str, map_location: str | None = None) -> dict:
        return read_checkpoint(filename, map_location)

    @CheckpointLoader.register_scheme(prefixes='torchvision://', force=True)
    def _download(filename: str, map_location: str | None = None) -> dict:
        try:
            return load_from_torchvision(filename, map_location)
        except ModuleNotFoundError as error:
            if error.name != 'torchvision':
                raise
            network = filename.removeprefix('torchvision://')
            raise ConfigError(
                f'init_cfg.checkpoint={filename}: torchvision, which knows where these weights are, is not '
                f'installed. Set the variable {network.upper()}_WEIGHTS to a file of them '
                f'({network}-*.pth from https://download.pytorch.org/models/), or `pip install torchvision`.'
            ) from None


def load_weights(model: nn.Module, path: str | Path) -> dict:
    """Load a checkpoint into a model, strictly.

    Returns:
        dict: the checkpoint's ``meta``, empty when it has none.

    Raises:
        CheckpointError: keys or shapes differ; the message lists the first of each kind.
    """
    checkpoint = read_checkpoint(path)
    state = checkpoint.get('state_dict', checkpoint)
    check_weights(model, state, path)
    model.load_state_dict(state)
    return checkpoint.get('meta', {})


def check_weights(model: nn.Module, state: dict, path: str | Path) -> None:
    """Raise a CheckpointError unless ``state`` has exactly the model's keys and shapes."""
    own = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    found = {key: tuple(getattr(value, 'shape', ())) for key, value in state.items()}
    missing = sorted(own.keys() - found.keys())
    unknown = sorted(found.keys() - own.keys())
    other = sorted(k for k in own.keys() & found.keys() if own[k] != found[k])
    if missing or unknown or other:
        raise CheckpointError(
            f'{path}: belongs to another model than {type(model).__name__} of this config. '
            f'{len(missing)} keys missing (such as {missing[:2]}), {len(unknown)} unknown (such as '
            f'{unknown[:2]}), {len(other)} of another shape (such as {other[:2]}). '
            'Use the config that the checkpoint was trained with.'
        )
