"""Initial masks of training clips."""

import torch
from torch import Tensor

from ...structures import Supervision


def start_masks(targets: dict[str, Tensor]) -> Tensor:
    """Masks of the objects in the first frames: those that the pipeline made, else pixels and filled boxes.

    Args:
        targets: ``id_masks`` (B, T, H, W), ``boxes`` (B, T, N, 4), ``supervision`` (B, T, N), ``valid`` (B,
            N); and, where :class:`~vosplug.datasets.transforms.StartMasks` is in the pipeline,
            ``start_masks`` (B, N, H, W).

    Returns:
        Tensor: (B, N, H, W) in [0, 1]; 0 for slots that are not valid.
    """
    valid = targets['valid'][..., None, None]
    if 'start_masks' in targets:
        return targets['start_masks'] * valid
    boxes, id_masks = targets['boxes'][:, 0], targets['id_masks'][:, 0]
    slots = torch.arange(1, boxes.shape[1] + 1, device=boxes.device).view(1, -1, 1, 1)
    masks = id_masks.unsqueeze(1) == slots
    boxed = (targets['supervision'][:, 0] != Supervision.MASK)[..., None, None]
    height, width = id_masks.shape[-2:]
    masks = torch.where(boxed, fill_boxes(boxes, (height, width)), masks)
    return (masks & valid).to(boxes.dtype)


def fill_boxes(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Pixels whose centres lie inside boxes (..., 4), xyxy, as bool (..., H, W)."""
    rows, cols = (torch.arange(n, device=boxes.device) + 0.5 for n in size)
    x1, y1, x2, y2 = boxes.unsqueeze(-2).unbind(-1)
    return ((rows >= y1) & (rows < y2)).unsqueeze(-1) & ((cols >= x1) & (cols < x2)).unsqueeze(-2)
