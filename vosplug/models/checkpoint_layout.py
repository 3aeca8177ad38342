"""Detection and renaming of checkpoint layouts: the authors' or ours, checked strictly."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from ..errors import CheckpointError


def renamed(key: str, rules: Iterable[tuple[str, str]]) -> str:
    """Apply all (pattern, replacement) rules to a key, in order."""
    for pattern, replacement in rules:
        key = re.sub(pattern, replacement, key)
    return key


def translate(
    state: Mapping[str, Tensor],
    ours: Mapping[str, Tensor],
    authors_key: Callable[[str], str],
    network: str,
    path: str | Path,
) -> tuple[dict[str, Tensor], bool]:
    """Rename all keys of a checkpoint in either direction.

    Args:
        state: weights in the authors' layout, or in ours.
        ours: state dict of the model, for its keys and shapes.
        authors_key: the authors' name of one of our keys.
        network: see :func:`in_authors_layout`.
        path: likewise.

    Returns:
        tuple: the weights in the other layout, and whether that is ours.

    Raises:
        CheckpointError: see :func:`in_authors_layout`.
    """
    shapes = {key: value.shape for key, value in ours.items()}
    names = {authors_key(key): key for key in ours}
    authors = {name: shapes[key] for name, key in names.items()}
    to_ours = in_authors_layout(state, authors, shapes, network, path)
    return {names[k] if to_ours else authors_key(k): value for k, value in state.items()}, to_ours


def in_authors_layout(
    state: Mapping[str, Tensor],
    authors: Mapping[str, torch.Size],
    ours: Mapping[str, torch.Size],
    network: str,
    path: str | Path,
) -> bool:
    """Whether weights are in the authors' layout; if not, they are in ours.

    Args:
        state: weights.
        authors: keys and shapes of the authors' layout.
        ours: those of our layout.
        network: name of the network, for messages.
        path: of the checkpoint, for messages.

    Raises:
        CheckpointError: a key is missing, unexpected, or of another shape, in the closer layout.
    """
    theirs = len(authors.keys() & state.keys()) >= len(ours.keys() & state.keys())
    expected = authors if theirs else ours
    missing, unknown = sorted(expected.keys() - state.keys()), sorted(state.keys() - expected.keys())
    other = [k for k in sorted(expected.keys() & state.keys()) if state[k].shape != expected[k]]
    if missing or unknown or other:
        layout = "the authors'" if theirs else 'our'
        raise CheckpointError(
            f'{path}: expected {network} weights in {layout} layout: {len(missing)} keys missing (such as '
            f'{missing[:2]}), {len(unknown)} unknown (such as {unknown[:2]}), {len(other)} of another shape '
            f'(such as {[(k, tuple(state[k].shape)) for k in other[:2]]}). The checkpoint belongs to '
            'another network.'
        )
    return theirs
