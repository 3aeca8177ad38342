"""Shared steps of geometric transforms: warp the maps of a clip, and keep its boxes tight."""

from collections.abc import Callable

import numpy as np

from ...structures import ClipField, Supervision, boxes_of_mask, clip_fields
from ...structures.box_ops import VOID

Move = Callable[[np.ndarray, int, ClipField], np.ndarray]

# The annotation's masks, under any supervision, and the objects they show (bool (T, N)): used to tighten
# boxes, never packed.
HIDDEN_MASKS = ClipField('_hidden_masks', 'T H W', VOID, dtype='uint8')
HIDDEN = '_hidden'


def move_maps(results: dict, size: tuple[int, int], move: Move) -> None:
    """Apply a geometric transform to every map of a clip.

    Args:
        results: of a pipeline; its registered maps and hidden masks are replaced.
        size: (H, W) of the warped maps.
        move: takes a plane (h, w) of a map, the frame it belongs to and its field; returns a plane (H, W).
    """
    fields = [field for field in clip_fields(results) if field.is_map]
    if HIDDEN_MASKS.name in results:
        fields.append(HIDDEN_MASKS)
    for field in fields:
        value = results[field.name]
        if field.in_time:
            results[field.name] = [_move_planes(frame, k, field, size, move) for k, frame in enumerate(value)]
        else:
            results[field.name] = _move_planes(value, 0, field, size, move)


def _move_planes(
    array: np.ndarray, k: int, field: ClipField, size: tuple[int, int], move: Move
) -> np.ndarray:
    array = np.asarray(array, 'uint8' if field.dtype == 'bool' else field.dtype)  # OpenCV lacks bool
    moved = np.empty((*array.shape[:-2], *size), field.dtype)
    for index in np.ndindex(array.shape[:-2]):
        moved[index] = move(array[index], k, field)
    return moved


def update_boxes(results: dict, turned: np.ndarray | bool = False) -> dict:
    """Clip boxes to the image, recompute those that are no longer tight, and mark objects that left.

    A box is tight around the visible part of its object, as an annotator would draw it on the transformed
    frame. If an object was rotated, or cut by the border, its box is computed from its warped mask; objects
    with mask supervision always get theirs from the mask. Boxes that were only translated or scaled keep
    subpixel coordinates. Without a mask, a box stays as transformed and clipped.

    Args:
        results: of a pipeline, with transformed boxes.
        turned: bool (T,), frames in which transformed boxes are looser than before.
    """
    height, width = results['imgs'][0].shape[:2]
    boxes = np.clip(results['boxes'], 0, np.float32([width, height] * 2))
    masked = results['supervision'] == Supervision.MASK
    cut = (np.abs(boxes - results['boxes']) > 0.5).any(-1)
    recomputed = masked | (
        results.get(HIDDEN, masked) & (cut | np.reshape(turned, (-1, 1))) & results['visible']
    )
    masks = results.get(HIDDEN_MASKS.name, results['id_masks'])
    for k in np.flatnonzero(recomputed.any(1)):
        tight = boxes_of_mask(masks[k])
        for slot in np.flatnonzero(recomputed[k]):
            boxes[k, slot] = tight.get(slot + 1, 0)
    # a box thinner than a pixel gives no supervision
    wide = (boxes[..., 2] - boxes[..., 0] >= 1) & (boxes[..., 3] - boxes[..., 1] >= 1)
    results['visible'] &= wide
    boxes[~results['visible']] = 0
    results['boxes'] = boxes
    return results
