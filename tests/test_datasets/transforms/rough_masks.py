"""Stills with an ellipse, and options that leave it as it is."""

import cv2
import numpy as np
from small_data import make_masks

from vosplug.models.streaming import still_clip

PLAIN = dict(scale=0, shift=0, bend=0, dilate=0)
MASKS = make_masks(4, (9, 200))


def ellipse(size=(120, 160), axes=(40, 25)) -> np.ndarray:
    mask = np.zeros(size, np.uint8)
    cv2.ellipse(mask, (size[1] // 2, size[0] // 2), axes, 0, 0, 360, 1, -1)
    return mask


def still(mask: np.ndarray, length: int = 1, name: str = 'a') -> dict:
    image = np.repeat(mask[..., None] * 60, 3, 2).astype(np.uint8)
    return still_clip(image, mask, int(mask[mask < 255].max()), length, name)
