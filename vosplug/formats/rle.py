"""COCO's compressed RLE of masks."""

import numpy as np
from pycocotools import mask as coco_mask


def encode_mask(mask: np.ndarray) -> str:
    """RLE of a mask bool (H, W), as text."""
    return coco_mask.encode(np.asfortranarray(mask, np.uint8))['counts'].decode('ascii')


def decode_mask(counts: str, size: tuple[int, int]) -> np.ndarray:
    """Mask bool (H, W) of an RLE."""
    return coco_mask.decode(dict(size=list(size), counts=counts.encode('ascii'))).astype(bool)
