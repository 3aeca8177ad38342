"""The DAVIS palette."""

import numpy as np


def davis_palette() -> np.ndarray:
    """Colour of every id, uint8 (256, 3) RGB: the colour map of PASCAL VOC, which DAVIS masks use.

    Every third bit of an id, starting at bit 0, 1 and 2, goes to red, green and blue from the top
    bit down, so neighbouring ids look different.

    Example:
        >>> davis_palette()[1].tolist()
        [128, 0, 0]
    """
    ids = np.arange(256)
    palette = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            palette[:, channel] |= ((ids >> (3 * bit + channel) & 1) << (7 - bit)).astype(np.uint8)
    return palette
