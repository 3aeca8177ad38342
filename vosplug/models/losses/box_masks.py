"""Boxes as masks, on tensors."""

import torch
from torch import Tensor


def boxes_to_masks(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Pixels whose centre lies in the box.

    Args:
        boxes: (..., 4) xyxy in pixels of the map.
        size: (H, W) of the map.

    Returns:
        Tensor: float (..., H, W), 0 or 1; a box of zero area gives an empty mask.
    """
    y = torch.arange(size[0], device=boxes.device, dtype=boxes.dtype) + 0.5
    x = torch.arange(size[1], device=boxes.device, dtype=boxes.dtype) + 0.5
    x1, y1, x2, y2 = boxes.unsqueeze(-1).unbind(-2)
    inside_y = (y >= y1) & (y < y2)
    inside_x = (x >= x1) & (x < x2)
    return (inside_y.unsqueeze(-1) & inside_x.unsqueeze(-2)).to(boxes.dtype)


def weighted_mean(values: Tensor, weight: Tensor | None) -> Tensor:
    """Mean over all entries, or over those with weight; 0 (with a gradient path) if there are none."""
    if weight is None:
        return values.mean()
    weight = weight.to(values)
    return (values * weight).sum() / weight.sum().clamp(min=1)
