"""Contact sheets: many small images in one."""

from collections.abc import Sequence

import cv2
import numpy as np

from .overlay import put_caption


def contact_sheet(
    pictures: Sequence[np.ndarray],
    captions: Sequence[str],
    columns: int = 4,
    size: tuple[int, int] = (240, 360),
) -> np.ndarray:
    """Arrange images with captions in rows.

    Args:
        pictures: uint8 (h, w, 3) BGR each, at least one; each is scaled to fit a tile, keeping its aspect
            ratio.
        captions: one per picture.
        columns: images per row.
        size: (H, W) of a tile without its caption.

    Returns:
        np.ndarray: uint8 (H, W, 3) BGR.
    """
    tiles = []
    for picture, caption in zip(pictures, captions, strict=True):
        scale = min(np.array(size) / picture.shape[:2])
        height, width = (max(1, int(scale * n)) for n in picture.shape[:2])
        tile = np.zeros((*size, 3), np.uint8)
        tile[:height, (size[1] - width) // 2 :][:, :width] = cv2.resize(picture, (width, height))
        tiles.append(put_caption(tile, caption))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[k : k + columns]) for k in range(0, len(tiles), columns)])
