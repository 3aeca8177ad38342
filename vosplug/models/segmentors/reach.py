"""Restricts objects to the surroundings of their previous masks."""

import torch
from torch import Tensor

from ..training.start import fill_boxes

FAR_LOGIT = -10.0


def within_reach(logits: Tensor, masks: Tensor, reach: float | None) -> Tensor:
    """Logits of objects, set to background far from the masks of the previous frame.

    Args:
        logits: (B, N, H, W).
        masks: of the previous frame, likewise, in [0, 1].
        reach: near is inside the mask's tight box, enlarged on every side by this multiple of its longer
            side, 0 or more; None, or for an object without a mask: everywhere.
    """
    if reach is None:
        return logits
    boxes = tight_boxes(masks)
    margin = reach * (boxes[..., 2:] - boxes[..., :2]).amax(-1, keepdim=True)
    near = fill_boxes(torch.cat([boxes[..., :2] - margin, boxes[..., 2:] + margin], -1), masks.shape[-2:])
    unknown = ~near.flatten(-2).any(-1)[..., None, None]
    return torch.where(near | unknown, logits, logits.clamp(max=FAR_LOGIT))


def tight_boxes(masks: Tensor) -> Tensor:
    """Tight boxes (..., 4), xyxy, of the pixels above 0.5 in masks (..., H, W); all 0 if there are none."""
    sides = []
    for axis in (-2, -1):  # x from columns, y from rows
        hit = (masks > 0.5).any(axis)
        length = hit.shape[-1]
        places = torch.arange(length, device=masks.device)
        low = torch.where(hit, places, length).amin(-1)
        high = torch.where(hit, places + 1, 0).amax(-1)
        sides.append((low.minimum(high), high))
    (x1, x2), (y1, y2) = sides
    return torch.stack([x1, y1, x2, y2], -1).float()
