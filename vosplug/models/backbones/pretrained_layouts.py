"""Loading pretrained weights of other packages: other key names, fewer input channels."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Tensor

from ...errors import CheckpointError
from ..checkpoint_layout import renamed


def widen_input(weight: Tensor, own: Tensor) -> Tensor:
    """Extend a first convolution's weight (C, K, h, w) by the additional input channels of ``own``.

    Pretrained weights fill the first channels, the others keep their initial values, as in XMem's value
    encoder (Cheng & Schwing 2022). A weight of another width is returned as it is.
    """
    if weight.shape[1] >= own.shape[1] or weight.shape[0] != own.shape[0]:
        return weight
    return torch.cat([weight, own.detach()[:, weight.shape[1] :].to(weight)], 1)


def take_names(
    state: dict[str, Tensor],
    own: Mapping[str, Tensor],
    prefix: str,
    rules: Iterable[tuple[str, str | Callable]],
    unused: Sequence[str],
    what: str,
) -> None:
    """Rename the tensors of another layout to ours, independently of their order.

    ``.safetensors`` files sort tensors by name, torch checkpoints by execution order.

    Args:
        state: the state dict being loaded, changed in place.
        own: state dict of the backbone; its first tensor is the first convolution's weight.
        prefix: of the backbone's keys in ``state``.
        rules: for :func:`~vosplug.models.checkpoint_layout.renamed`, from their names without the prefix to
            ours.
        unused: prefixes, after renaming, of tensors that the backbone does not use; they are dropped.
        what: name for messages, such as ``'torchvision MobileNetV2'``.

    Raises:
        CheckpointError: a tensor is missing or has another shape.
    """
    theirs = {renamed(key.removeprefix(prefix), rules): key for key in list(state) if key.startswith(prefix)}
    first = next(iter(own))
    found = {}
    for name, tensor in own.items():
        if name not in theirs:
            if name.endswith('num_batches_tracked'):  # not in old files
                continue
            raise CheckpointError(
                f'{what} weights: found no tensor for {name}. The file must be of the same network.'
            )
        value = state[theirs[name]]
        if name == first:
            value = widen_input(value, tensor)
        if value.shape != tensor.shape:
            raise CheckpointError(
                f'{what} weights: {theirs[name]} is {tuple(value.shape)}, {name} needs '
                f'{tuple(tensor.shape)}. The file must be of the same network and width.'
            )
        found[prefix + name] = value
    for name, key in theirs.items():
        if name in own or name.startswith(tuple(unused)):
            del state[key]
    state.update(found)
