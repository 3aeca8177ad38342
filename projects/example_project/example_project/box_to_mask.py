"""A box-to-mask model: ``(frames, t, boxes) -> probabilities``."""

import numpy as np

from vosplug.models import BoxToMask
from vosplug.registry import MODELS
from vosplug.structures import fill_box


@MODELS.register_module()
class EllipseInitializer(BoxToMask):
    """The ellipse that touches the sides of the box.

    Args:
        refine: of ``BoxToMask``.
    """

    def forward(self, frames, t, boxes) -> np.ndarray:
        """See the base."""
        height, width = frames[t].shape[:2]
        y, x = np.mgrid[:height, :width] + 0.5
        masks = []
        for box in boxes[t]:
            x1, y1, x2, y2 = box
            inside = ((2 * x - x1 - x2) / (x2 - x1)) ** 2 + ((2 * y - y1 - y2) / (y2 - y1)) ** 2 <= 1
            filled = fill_box(box, (height, width))
            ellipse = inside & filled
            masks.append(ellipse if ellipse.any() else filled)  # too small to contain a pixel centre
        return np.stack(masks).astype(np.float32)
