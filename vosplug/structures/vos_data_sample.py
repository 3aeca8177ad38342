"""Training samples: annotated clips, and batches of them."""

from collections.abc import Mapping, Sequence
from enum import IntEnum

import torch
import torch.nn.functional as F
from mmengine.structures import BaseDataElement
from torch import Tensor

from .clip_fields import clip_fields


class Supervision(IntEnum):
    """Kind of supervision of one object in one frame.

    Compare tensors with ``.value``: ``torch.compile`` evaluates a comparison with a member as False.
    """

    NONE = 0
    BOX = 1
    MASK = 2


class VOSDataSample(BaseDataElement):
    """Annotations of one training clip of T frames and N objects.

    Losses read ``supervision``, so clips with masks and clips with boxes can be mixed in a batch.
    Where an object has no mask supervision, its pixels in ``id_masks`` are void, so a box-supervised
    model cannot see a mask by accident.

    Data fields (torch tensors):
        id_masks: uint8 (T, H, W); 0 background, i+1 for object slot i, 255 void.
        boxes: float32 (T, N, 4) xyxy in pixels of the network input; zeros where not visible.
        visible: bool (T, N), the object is in the frame.
        supervision: int64 (T, N), values of :class:`Supervision`.
        annotated: bool (T,), False for frames without annotation and for padding frames; nothing is
            supervised there, ``id_masks`` is void.
        valid: bool (N,), False for padding slots.
        start_masks: float32 (N, H, W) in [0, 1], masks that initialize the clip in its first frame; made by
            the transform ``StartMasks``.
        input_masks: float32 (T, N, H, W) in [0, 1], rough masks that a network refines; made by the transform
            ``InputMasks``.

    Further fields are registered with :func:`~vosplug.structures.register_clip_field`.

    Meta fields: ``video_name``, ``frame_names`` (of the clip's own frames, so their number is T before
    padding), ``object_ids`` (the dataset's own, per slot), ``img_shape`` (H, W) before padding.
    """


def pad_fields(sample: VOSDataSample, sizes: Mapping[str, int]) -> VOSDataSample:
    """Pad every field of a sample at the end of its axes.

    Args:
        sample: its registered fields are padded; the others are unchanged.
        sizes: target lengths of the axes ``T``, ``N``, ``H`` and ``W``, not below the current ones.
    """
    padded = VOSDataSample(metainfo=sample.metainfo)
    fields = {}
    for field in clip_fields(sample.keys()):
        value = sample.get(field.name)
        missing = [
            sizes.get(axis, size) - size for axis, size in zip(field.axes.split(), value.shape, strict=True)
        ]
        # F.pad takes pairs from the last axis on
        fields[field.name] = F.pad(value, [n for m in reversed(missing) for n in (0, m)], value=field.fill)
    padded.set_data({**dict(sample.items()), **fields})
    return padded


def stack_fields(samples: Sequence[VOSDataSample]) -> dict[str, Tensor]:
    """Stack the registered fields that all samples of a batch have (B, ...).

    The samples must be padded to the same sizes, as by ``VOSDataPreprocessor``.
    """
    common = set(samples[0].keys()).intersection(*(sample.keys() for sample in samples))
    return {f.name: torch.stack([sample.get(f.name) for sample in samples]) for f in clip_fields(common)}


def object_masks(targets: Mapping[str, Tensor]) -> Tensor:
    """Ground-truth masks of every object, for teacher forcing.

    For single frames index the targets first: ``object_masks({k: targets[k][:, t : t + 1] for k in
    ('id_masks', 'visible')})``. Which frames have ground truth is in ``targets['annotated']``; which objects
    have a mask there, in ``targets['supervision']``.

    Args:
        targets: ``id_masks`` (B, T, H, W) and ``visible`` (B, T, N), as returned by :func:`stack_fields`.

    Returns:
        Tensor: float32 (B, T, N, H, W), 0 or 1; 0 where the id mask is void.
    """
    slots = torch.arange(1, targets['visible'].shape[-1] + 1, device=targets['id_masks'].device)
    return (targets['id_masks'].unsqueeze(2) == slots.view(-1, 1, 1)).float()
