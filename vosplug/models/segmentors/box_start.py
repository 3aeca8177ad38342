"""Masks from boxes by a segmentor itself."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..box_to_mask.filled_box import fill_boxes
from ..streaming.records import Geometry
from .base import BaseVideoSegmentor


def masks_in_boxes(
    model: BaseVideoSegmentor,
    image: np.ndarray,
    boxes: np.ndarray,
    logits_of: Callable[[Tensor, Tensor], Tensor],
    inside_box: bool,
) -> np.ndarray:
    """Probabilities of objects in an image, from their filled boxes at the working resolution.

    Args:
        model: the segmentor, whose resolution, padding and normalisation are used.
        image: uint8 (H, W, 3) BGR.
        boxes: (N, 4) xyxy in pixels.
        logits_of: maps a normalised image (1, 3, h, w) and filled boxes (1, N, h, w), 0 or 1, to logits (1,
            N, h, w).
        inside_box: set the masks to 0 outside the boxes.

    Returns:
        np.ndarray: float32 (N, H, W).
    """
    size = image.shape[:2]
    geometry = Geometry.fit(size, model.test_cfg.get('short_side'), divisor=model.size_divisor)
    tensor = model.normalise(geometry.to_work(image), geometry.padding)
    scale = np.divide(geometry.work, size)[::-1]
    filled = torch.from_numpy(fill_boxes(boxes * np.tile(scale, 2), geometry.work)).to(tensor)
    with model.step_context():
        probs = logits_of(tensor, geometry.pad(filled)[None])[0].sigmoid()
    masks: np.ndarray = geometry.to_source(probs).float().cpu().numpy()
    return masks * fill_boxes(boxes, size) if inside_box else masks
