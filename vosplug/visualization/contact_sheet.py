"""Many small pictures in one."""

from collections.abc import Sequence

import cv2
import numpy as np

from .overlay import put_caption


def contact_sheet(
    pictures: Sequence[np.ndarray], captions: Sequence[str], columns: int = 4, width: int = 360
) -> np.ndarray:
    """Pictures with captions in rows.

    Args:
        pictures: uint8 (h, w, 3) BGR each, at least one; sizes may differ.
        captions: one per picture.
        columns: pictures in a row.
        width: of a picture in pixels; its height follows from its aspect.

    Returns:
        np.ndarray: uint8 (H, W, 3) BGR.
    """
    tiles = []
    for picture, caption in zip(pictures, captions, strict=True):
        height = max(1, round(picture.shape[0] * width / picture.shape[1]))
        tiles.append(put_caption(cv2.resize(picture, (width, height)), caption))
    rows = [tiles[k : k + columns] for k in range(0, len(tiles), columns)]
    strips = []
    for row in rows:
        tallest = max(tile.shape[0] for tile in row)
        strip = np.zeros((tallest, columns * width, 3), np.uint8)
        for k, tile in enumerate(row):
            strip[: tile.shape[0], k * width : (k + 1) * width] = tile
        strips.append(strip)
    return np.concatenate(strips)
