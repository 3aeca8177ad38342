"""Conversions between boxes and masks; boxes are float32 xyxy, right and bottom exclusive."""

from collections.abc import Iterable, Mapping

import numpy as np

# values of an id mask: 0 background, 1..MAX_OBJECTS objects, VOID
MAX_OBJECTS = 254
VOID = 255


def boxes_of_mask(id_mask: np.ndarray) -> dict[int, np.ndarray]:
    """Tight box of every object in an id mask.

    Args:
        id_mask: uint8 (H, W); 0 background, 255 void.

    Returns:
        dict: object id -> float32 (4,) xyxy in pixels, right and bottom exclusive.
    """
    boxes = {}
    for object_id in np.unique(id_mask):
        if object_id in (0, VOID):
            continue
        hit = id_mask == object_id
        xs, ys = np.flatnonzero(hit.any(0)), np.flatnonzero(hit.any(1))
        boxes[int(object_id)] = np.array([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1], np.float32)
    return boxes


def in_image(box: Iterable[float], size: tuple[int, int]) -> bool:
    """Whether a box overlaps an image: it is finite, and has an area inside.

    Args:
        box: xyxy in pixels.
        size: (H, W) of the image.
    """
    x1, y1, x2, y2 = box = np.asarray(box, np.float64)
    inside = max(x1, 0) < min(x2, size[1]) and max(y1, 0) < min(y2, size[0])
    return bool(np.isfinite(box).all() and inside)


def fill_box(box: Iterable[float], size: tuple[int, int]) -> np.ndarray:
    """Pixels whose centre lies inside a box, as bool (H, W).

    A box that is too thin to contain a centre becomes the row or column of its middle, so that every box
    in the image (:func:`in_image`) has a pixel, and no other box has any.

    Args:
        box: xyxy in pixels, clipped to the image.
        size: (H, W).
    """
    x1, y1, x2, y2 = np.asarray(box, np.float64)
    if not in_image((x1, y1, x2, y2), size):
        return np.zeros(size, bool)
    return np.outer(_covered(y1, y2, size[0]), _covered(x1, x2, size[1]))


def _covered(start: float, stop: float, length: int) -> np.ndarray:
    centres = np.arange(length) + 0.5
    hit = (centres >= start) & (centres < stop)
    if not hit.any():
        middle = int((max(start, 0) + min(stop, length)) / 2)
        hit[min(middle, length - 1)] = True
    return hit


def single_object(id_mask: np.ndarray, object_id: int) -> np.ndarray:
    """Mask of one object from an id mask, uint8 (H, W): 1 the object, 0 everything else, 255 void."""
    return np.where(id_mask == VOID, VOID, id_mask == object_id).astype(np.uint8)


def merge_object_masks(
    masks: Mapping[int, np.ndarray] | Iterable[tuple[int, np.ndarray]], size: tuple[int, int]
) -> np.ndarray:
    """Merge per-object masks into an id mask; where they overlap, the smaller object wins.

    Args:
        masks: object id (1..254) -> bool (H, W); or an iterable of such pairs, held one at a time.
        size: (H, W), used when there are no objects.

    Returns:
        np.ndarray: uint8 (H, W).
    """
    merged, areas, ids = np.zeros(size, np.uint8), np.zeros(VOID + 1, np.int64), np.arange(VOID + 1)
    areas[0] = merged.size + 1  # anything covers background
    for object_id, mask in masks.items() if isinstance(masks, Mapping) else masks:
        mask, area = mask.astype(bool, copy=False), np.count_nonzero(mask)
        covered = (areas > area) | (areas == area) & (ids < object_id)
        merged[mask & covered[merged]] = object_id
        areas[object_id] = area
    return merged
