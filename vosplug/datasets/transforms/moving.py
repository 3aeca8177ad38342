"""What every geometric transform of a clip does: move its maps, and keep its boxes tight."""

from collections.abc import Callable

import numpy as np

from ...structures import ClipField, Supervision, boxes_of_mask, clip_fields
from ...structures.box_ops import VOID

Move = Callable[[np.ndarray, int, ClipField], np.ndarray]

# The annotation's masks, whatever supervises, and the objects they show (bool (T, N)): they tighten boxes and
# are never packed.
HIDDEN_MASKS = ClipField('_hidden_masks', 'T H W', VOID, dtype='uint8')
HIDDEN = '_hidden'


def move_maps(results: dict, size: tuple[int, int], move: Move) -> None:
    """Apply a geometric transform to every map of a clip.

    Args:
        results: of a pipeline; its registered maps and hidden masks are replaced.
        size: (H, W) of the moved maps.
        move: takes a plane (h, w) of a map, the frame it belongs to and its field; gives a plane (H, W).
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
    array = np.asarray(array, 'uint8' if field.dtype == 'bool' else field.dtype)  # OpenCV knows no bool
    moved = np.empty((*array.shape[:-2], *size), field.dtype)
    for index in np.ndindex(array.shape[:-2]):
        moved[index] = move(array[index], k, field)
    return moved


def update_boxes(results: dict, turned: np.ndarray | bool = False) -> dict:
    """Cut boxes at the image border, take those anew that are no longer tight, and mark objects that left.

    A box is tight around what is seen of its object, as an annotator would draw it on the moved frame. Where
    an object was turned, or cut by the border, its box is taken from its moved mask; objects with mask
    supervision get theirs from the mask in any case. Boxes that were only shifted or scaled keep their
    fractions of a pixel. Where the annotation has no mask, a box stays as it was moved and cut.

    Args:
        results: of a pipeline, with boxes that have been moved.
        turned: bool (T,), frames in which moved boxes are looser than before.
    """
    height, width = results['imgs'][0].shape[:2]
    boxes = np.clip(results['boxes'], 0, np.float32([width, height] * 2))
    masked = results['supervision'] == Supervision.MASK
    cut = (np.abs(boxes - results['boxes']) > 0.5).any(-1)
    anew = masked | (results.get(HIDDEN, masked) & (cut | np.reshape(turned, (-1, 1))) & results['visible'])
    masks = results.get(HIDDEN_MASKS.name, results['id_masks'])
    for k in np.flatnonzero(anew.any(1)):
        tight = boxes_of_mask(masks[k])
        for slot in np.flatnonzero(anew[k]):
            boxes[k, slot] = tight.get(slot + 1, 0)
    # a box thinner than a pixel supervises nothing
    wide = (boxes[..., 2] - boxes[..., 0] >= 1) & (boxes[..., 3] - boxes[..., 1] >= 1)
    results['visible'] &= wide
    boxes[~results['visible']] = 0
    results['boxes'] = boxes
    return results
