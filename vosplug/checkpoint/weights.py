"""Checking of weights, by themselves and against the model; loading and writing."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present

from ..atomic import atomic_path
from ..errors import CheckpointError
from .files import read_checkpoint

_PARALLEL = 'module.'  # what a DistributedDataParallel puts before the keys


def weights_of(checkpoint: dict, path: str | Path) -> dict[str, Tensor]:
    """The weights of a checkpoint: its ``state_dict``, or the checkpoint itself when it has none.

    Args:
        checkpoint: content of the file.
        path: of the file, for messages.

    Raises:
        CheckpointError: anything but dense tensors under string keys, NaN, or a ``meta`` that is not a
            dict; the message names the first such key.
    """
    inside = 'state_dict' in checkpoint
    state = checkpoint['state_dict'] if inside else checkpoint
    if not isinstance(state, dict):
        raise CheckpointError(
            f'{path}: state_dict is a {type(state).__name__}, expected a dict of tensors, as '
            'model.state_dict() returns.'
        )
    if inside and not isinstance(checkpoint.get('meta', {}), dict):
        raise CheckpointError(f'{path}: meta is a {type(checkpoint["meta"]).__name__}, expected a dict.')
    for key, value in state.items():
        if not isinstance(key, str):
            raise CheckpointError(f'{path}: the key {key!r} is a {type(key).__name__}, expected a string.')
        # modules may keep any plain data of their own there
        problem = None if key.endswith('_extra_state') else _problem(value)
        if problem:
            raise CheckpointError(
                f'{path}: {key!r} is {problem}, expected a dense tensor of numbers. '
                + ('Save model.state_dict() of the plain model.' if inside else _wrapped(state))
            )
    return state


def _wrapped(state: dict) -> str:
    dicts = [key for key, value in state.items() if isinstance(value, dict)]
    where = f' (here maybe {dicts[0]!r})' if dicts else ''
    return (
        f'Weights must be at the top level or under "state_dict"; extract those under another key{where} '
        'with tools/model_converters/to_safetensors.py --key.'
    )


def _problem(value: object) -> str | None:
    """Why a value cannot be a weight; None if it can."""
    if not isinstance(value, Tensor):
        return f'a {type(value).__name__}'
    if value.is_nested:
        return 'a nested tensor'
    if value.layout != torch.strided:
        return f'a sparse tensor ({value.layout})'
    if value.is_quantized:
        return f'a quantised tensor ({value.dtype})'
    if value.is_meta:
        return 'a tensor on the meta device, which has no values'
    if value.untyped_storage().nbytes() < value.nbytes:
        return f'an expanded view, {value.nbytes} bytes that repeat {value.untyped_storage().nbytes()}'
    if _has(value, torch.isnan):
        return 'NaN in places (the training diverged, or the file was damaged)'
    return None


def _has(value: Tensor, what: Callable[[Tensor], Tensor]) -> bool:
    """Whether ``what``, such as ``torch.isnan``, is true of any number in the tensor."""
    if value.is_floating_point() and value.itemsize == 1:
        value = value.float()  # torch has no such test for 8 bits
    return bool(what(value).any())


def load_weights(model: nn.Module, path: str | Path) -> dict:
    """Load a checkpoint into a model, strictly; it may be that of the model in a DistributedDataParallel.

    Returns:
        dict: the checkpoint's ``meta``, empty when it has none.

    Raises:
        CheckpointError: keys, shapes or kinds of numbers differ, or numbers are not finite; the message lists
            the first of each kind. The model is left unchanged.
    """
    checkpoint = read_checkpoint(path)
    state = weights_of(checkpoint, path)
    if not any(key.startswith(_PARALLEL) for key in model.state_dict()):
        consume_prefix_in_state_dict_if_present(state, _PARALLEL)
    check_weights(model, state, path)
    model.load_state_dict(state)
    return checkpoint.get('meta', {})


def check_weights(model: nn.Module, state: dict, path: str | Path) -> None:
    """Raise a CheckpointError unless ``state`` has the model's keys, shapes and kinds of finite numbers."""
    own = model.state_dict()
    missing = sorted(own.keys() - state.keys())
    unknown = sorted(state.keys() - own.keys())
    shared = sorted(own.keys() & state.keys())
    other = [key for key in shared if _shape(own[key]) != _shape(state[key])]
    if missing or unknown or other:
        raise CheckpointError(
            f'{path}: belongs to another model than {type(model).__name__} of this config. '
            f'{len(missing)} keys missing (such as {missing[:2]}), {len(unknown)} unknown (such as '
            f'{unknown[:2]}), {len(other)} of another shape (such as {other[:2]}). '
            'Use the config that the checkpoint was trained with.'
        )
    tensors = [key for key in shared if isinstance(own[key], Tensor)]
    for key in tensors:
        if _kind(own[key]) != _kind(state[key]):
            raise CheckpointError(
                f'{path}: {key!r} is {state[key].dtype}, expected {_kind(own[key])} numbers such as '
                f'{own[key].dtype}. Ask whoever saved it how to convert it.'
            )
        # some models keep infinity in a buffer, as a mask
        if _has(state[key], torch.isinf) and not _has(own[key], torch.isinf):
            raise CheckpointError(
                f'{path}: {key!r} is infinite in places; the training diverged, or half precision was too '
                'narrow. Use an earlier checkpoint.'
            )


def _shape(value: object) -> tuple[int, ...]:
    return tuple(getattr(value, 'shape', ()))


def _kind(value: Tensor) -> str:
    if value.is_complex():
        return 'complex'
    return 'real' if value.is_floating_point() else 'whole'


def publish(state: dict[str, Tensor], path: str | Path, meta: dict[str, str]) -> None:
    """Write weights for release: half precision, no optimizer state, safetensors; atomically.

    Args:
        state: weights; integers keep their type.
        path: ends in ``.safetensors``.
        meta: metadata; ``config`` is the path of their config below ``configs/``.

    Raises:
        CheckpointError: a weight is too large for half precision.
    """
    half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    for key, value in half.items():
        if _has(value, torch.isinf) and not _has(state[key], torch.isinf):
            raise CheckpointError(
                f'{path}: {key!r} reaches {state[key].abs().max():g}, above 65504, the maximum of half '
                'precision. Nothing was written; '
                'tools/model_converters/to_safetensors.py keeps the precision.'
            )
    write_safetensors(half, path, meta)


def write_safetensors(state: dict[str, Tensor], path: str | Path, meta: dict[str, str]) -> None:
    """Write weights as safetensors, atomically; tensors that share memory are written separately."""
    tensors = {k: v.detach().cpu().clone(memory_format=torch.contiguous_format) for k, v in state.items()}
    with atomic_path(path) as partial:
        # save_file would make a file that only its owner can read
        partial.write_bytes(save(tensors, metadata=meta))
