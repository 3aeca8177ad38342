"""What a training clip carries, and batches of it."""

from collections.abc import Mapping, Sequence
from enum import IntEnum

import torch
import torch.nn.functional as F
from mmengine.structures import BaseDataElement
from torch import Tensor

from .clip_fields import clip_fields


class Supervision(IntEnum):
    """What is known of one object in one frame."""

    NONE = 0
    BOX = 1
    MASK = 2


class VOSDataSample(BaseDataElement):
    """Annotations of one training clip of T frames and N objects.

    Losses read ``supervision``, so clips labelled by masks and by boxes mix freely in a batch.
    An object without mask supervision in a frame leaves no trace in ``id_masks``: its pixels there
    are void, so a box-supervised model cannot see a mask by accident.

    Data fields (torch tensors):
        id_masks: uint8 (T, H, W); 0 background, i+1 for object slot i, 255 void.
        boxes: float32 (T, N, 4) xyxy in pixels of the network input; zeros where not visible.
        visible: bool (T, N), the object is in the frame.
        supervision: int64 (T, N), values of :class:`Supervision`.
        annotated: bool (T,), False for frames without annotation and for those that only pad the batch to the
            same T; nothing is supervised there, ``id_masks`` is void.
        valid: bool (N,), False for slots that only pad the batch to the same N.
        start_masks: float32 (N, H, W) in [0, 1], the objects in the first frame, as far as they are known;
            with the transform ``StartMasks``.

    Further fields are registered with :func:`~vosplug.structures.register_clip_field`.

    Meta fields: ``video_name``, ``frame_names`` (of the clip's own frames, so their number is T before
    padding), ``object_ids`` (the dataset's own, per slot), ``img_shape`` (H, W) before padding.
    """


def pad_fields(sample: VOSDataSample, sizes: Mapping[str, int]) -> VOSDataSample:
    """The sample with every field filled up at the end of its axes.

    Args:
        sample: any of its fields is padded that is registered; the others are left as they are.
        sizes: lengths of the axes ``T``, ``N``, ``H`` and ``W`` afterwards, not below those before.
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
    """The registered fields that all samples of a batch have, each stacked over the batch (B, ...).

    The samples are padded to the same sizes, as ``VOSDataPreprocessor`` leaves them.
    """
    common = set(samples[0].keys()).intersection(*(sample.keys() for sample in samples))
    return {f.name: torch.stack([sample.get(f.name) for sample in samples]) for f in clip_fields(common)}


def object_masks(targets: Mapping[str, Tensor]) -> Tensor:
    """Ground-truth masks of every object, for methods that feed them back in training (teacher forcing).

    For single frames index the targets first: ``object_masks({k: targets[k][:, t : t + 1] for k in
    ('id_masks', 'visible')})``. Which frames have ground truth is in ``targets['annotated']``; which objects
    have a mask there, in ``targets['supervision']``.

    Args:
        targets: ``id_masks`` (B, T, H, W) and ``visible`` (B, T, N), as :func:`stack_fields` gives them.

    Returns:
        Tensor: float32 (B, T, N, H, W), 0 or 1; 0 where the id mask is void.
    """
    slots = torch.arange(1, targets['visible'].shape[-1] + 1, device=targets['id_masks'].device)
    return (targets['id_masks'].unsqueeze(2) == slots.view(-1, 1, 1)).float()
