"""Boxes rasterised to masks, and the region of a map around them."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
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


@dataclass(frozen=True)
class Region:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right`` of a map, the last ones not included."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """(h, w)."""
        return self.bottom - self.top, self.right - self.left

    def grown(self, reach: int, size: tuple[int, int]) -> 'Region':
        """The region extended by ``reach`` pixels on every side, within a map of this size."""
        return Region(
            max(self.top - reach, 0),
            min(self.bottom + reach, size[0]),
            max(self.left - reach, 0),
            min(self.right + reach, size[1]),
        )

    def cut(self, maps: Tensor, reach: int = 0, fill: float = 0.0) -> Tensor:
        """Crop maps to the region and ``reach`` pixels on every side.

        Args:
            maps: (..., H, W).
            reach: pixels.
            fill: value outside the map.

        Returns:
            Tensor: (..., h + 2 reach, w + 2 reach).
        """
        return F.pad(maps, self._beyond(maps.shape[-2:], reach), value=fill)

    def put_back(self, values: Tensor, size: tuple[int, int], reach: int = 0) -> Tensor:
        """The inverse of :meth:`cut`: a map (..., H, W) of this size with ``values``, 0 elsewhere."""
        return F.pad(values, [-pixels for pixels in self._beyond(size, reach)])

    def _beyond(self, size: tuple[int, int], reach: int) -> tuple[int, int, int, int]:
        """How far the region and ``reach`` pixels extend beyond a map at its left, right, top and bottom.

        Negative where they end inside: ``F.pad`` then crops.
        """
        height, width = size
        return reach - self.left, self.right + reach - width, reach - self.top, self.bottom + reach - height


def hull(masks: Tensor) -> Region | None:
    """The smallest region that holds every non-zero pixel of all masks (..., H, W); None if there is none."""
    used = masks != 0
    rows, columns = (used.any(axis).flatten(0, -2).any(0).nonzero().flatten() for axis in (-1, -2))
    if not len(rows):
        return None
    top, bottom, left, right = torch.stack([rows[0], rows[-1], columns[0], columns[-1]]).tolist()
    return Region(top, bottom + 1, left, right + 1)
