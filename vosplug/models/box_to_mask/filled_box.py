"""The filled box as a mask."""

from collections.abc import Iterable, Mapping

import numpy as np

from ...registry import MODELS
from ...structures import fill_box
from .base import BoxToMask, Frames


@MODELS.register_module()
class FilledBoxInitializer(BoxToMask):
    """Takes the filled box as the mask (Skogh 2024, box initialisation)."""

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        return fill_boxes(boxes[t], frames[t].shape[:2])


def fill_boxes(boxes: Iterable[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """Filled boxes (N, 4) in an image of (H, W) pixels, float32 (N, H, W)."""
    return np.stack([fill_box(box, size) for box in boxes]).astype(np.float32)
