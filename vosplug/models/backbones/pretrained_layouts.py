"""Pretrained weights of other packages into a backbone: other names, and fewer input channels."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ...errors import CheckpointError


def widen_input(weight: Tensor, own: Tensor) -> Tensor:
    """A first convolution's weight (C, K, h, w), with ``own``'s further input channels behind its own.

    Pretrained weights fill the first channels, the others keep their initial values, as XMem's value encoder
    starts (Cheng & Schwing 2022).
    """
    if weight.shape[1] >= own.shape[1]:
        return weight
    return torch.cat([weight, own.detach()[:, weight.shape[1] :].to(weight)], 1)


def rename_in_order(
    state: dict[str, Tensor],
    own: Mapping[str, Tensor],
    prefix: str,
    starts: Sequence[str],
    unused: str,
    what: str,
) -> None:
    """Give the tensors of another layout our names; both list theirs in the order of execution.

    Args:
        state: a state dict that is being loaded, changed in place.
        own: of the backbone, which may stop earlier; its first tensor is the first convolution's weight.
        prefix: of the backbone's keys in ``state``.
        starts: theirs begin with one of these; without any, ``state`` is left alone.
        unused: those of layers that a backbone has no use for begin with this.
        what: to say in messages, such as ``'torchvision MobileNetV2'``.

    Raises:
        CheckpointError: a tensor has another shape.
    """
    theirs = [key for key in state if key.startswith(tuple(prefix + start for start in starts))]
    if not theirs:
        return
    found = {}
    for k, ((name, tensor), key) in enumerate(zip(own.items(), theirs, strict=False)):
        value = widen_input(state[key], tensor) if k == 0 else state[key]
        if value.shape != tensor.shape:
            raise CheckpointError(
                f'{what} weights: {key} is {tuple(value.shape)}, {name} needs {tuple(tensor.shape)}. The '
                'file must be of the same network and width.'
            )
        found[prefix + name] = value
    for key in theirs + [k for k in state if k.startswith(prefix + unused)]:
        del state[key]
    state.update(found)
