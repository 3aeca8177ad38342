"""The simplest initializer."""

import numpy as np
from torch import nn

from ...registry import MODELS
from ...structures import fill_box


@MODELS.register_module()
class FilledBoxInitializer(nn.Module):
    """The filled box is the mask (Skogh 2024, box initialisation).

    Args:
        refine: segment the prompted frame once more with the mask in memory, and go on from what comes
            out; training then does the same, so that a model taught by boxes also meets masks in its memory.
    """

    def __init__(self, refine: bool = False) -> None:
        super().__init__()
        self.refine = refine

    def forward(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Mask of the object in a box.

        Args:
            image: uint8 (H, W, 3) BGR.
            box: float32 (4,) xyxy in pixels.

        Returns:
            np.ndarray: float32 (H, W) probabilities.
        """
        return fill_box(box, image.shape[:2]).astype(np.float32)
