"""Dilation of masks by a disc."""

from math import isqrt

import torch
import torch.nn.functional as F
from torch import Tensor


def dilate_masks(masks: Tensor, radius: int) -> Tensor:
    """Dilate masks by a disc: the largest value within a distance of every pixel.

    The structuring element has all pixels whose centres are at most ``radius`` from its own; beyond the
    border, masks are 0. MaskTrack coarsens input masks this way, in training and at test time (Perazzi et
    al. 2017, Sec. 3.1; radius 5, Sec. 4).

    Args:
        masks: (..., H, W) of any type, not negative, on any device.
        radius: in pixels; 0 leaves the masks unchanged.

    Returns:
        Tensor: of the same shape and type.
    """
    height, width = masks.shape[-2:]
    padded = F.pad(masks, (radius,) * 4)
    # largest value of a row within every horizontal distance, then over the rows of the disc
    rows = [padded[..., radius : radius + width]]
    for reach in range(1, radius + 1):
        left, right = (padded[..., start : start + width] for start in (radius - reach, radius + reach))
        rows.append(torch.maximum(rows[-1], torch.maximum(left, right)))
    dilated = masks
    for y in range(-radius, radius + 1):
        row = rows[isqrt(radius**2 - y**2)]
        dilated = torch.maximum(dilated, row[..., radius + y : radius + y + height, :])
    return dilated
