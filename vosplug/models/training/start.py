"""Initial masks of training clips."""

import torch
from torch import Tensor

from ...structures import Supervision


def start_masks(targets: dict[str, Tensor]) -> Tensor:
    """Masks of the objects in the first frames: from the pipeline, else from id masks and filled boxes.

    Args:
        targets: ``id_masks`` (B, T, H, W), ``boxes`` (B, T, N, 4), ``supervision`` (B, T, N), ``valid`` (B,
            N); and, where :class:`~vosplug.datasets.transforms.StartMasks` is in the pipeline,
            ``start_masks`` (B, N, H, W).

    Returns:
        Tensor: (B, N, H, W) in [0, 1]; 0 for slots that are not valid.
    """
    valid = targets['valid'][..., None, None]
    if 'start_masks' in targets:
        return targets['start_masks'] * valid
    boxes = targets['boxes'][:, 0]
    masks = separate_masks(targets['id_masks'][:, 0], boxes.shape[1])
    boxed = (targets['supervision'][:, 0] != Supervision.MASK.value)[..., None, None]
    height, width = masks.shape[-2:]
    masks = torch.where(boxed, fill_boxes(boxes, (height, width)), masks)
    return (masks & valid).to(boxes.dtype)


def separate_masks(id_masks: Tensor, objects: int) -> Tensor:
    """Masks, bool (..., N, H, W), of the objects 1..N in id masks (..., H, W)."""
    slots = torch.arange(1, objects + 1, device=id_masks.device).view(-1, 1, 1)
    return id_masks.unsqueeze(-3) == slots


def teacher_masks(targets: dict[str, Tensor], chance: float) -> tuple[Tensor, Tensor] | None:
    """Annotated masks that replace predicted ones, in randomly drawn frames of a clip.

    Scheduled sampling (Bengio et al. 2015); 1 is teacher forcing (Williams and Zipser 1989).

    Args:
        targets: see :func:`start_masks`.
        chance: of each frame to be drawn; objects without a mask in it keep their predictions.

    Returns:
        tuple: masks, bool (B, T, N, H, W), and which are used, bool (B, T, N); None where the chance is 0.
    """
    if not chance:
        return None
    supervision = targets['supervision']
    drawn = torch.rand(supervision.shape[:2], device=supervision.device) < chance
    masks = separate_masks(targets['id_masks'], supervision.shape[-1])
    chosen = (supervision == Supervision.MASK.value) & targets['valid'].unsqueeze(1) & drawn.unsqueeze(-1)
    return masks, chosen


def fill_boxes(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """:func:`~vosplug.structures.fill_box` for boxes (..., 4), xyxy, as bool (..., H, W)."""
    x1, y1, x2, y2 = boxes.masked_fill(~boxes.isfinite(), torch.nan).unbind(-1)
    rows, cols = _covered(y1, y2, size[0]), _covered(x1, x2, size[1])
    return rows.unsqueeze(-1) & cols.unsqueeze(-2)


def _covered(start: Tensor, stop: Tensor, length: int) -> Tensor:
    """Pixels, bool (..., L), whose centres lie in intervals (...), or the one that holds a thin interval."""
    pixels = torch.arange(length, device=start.device)
    hit = (pixels + 0.5 >= start.unsqueeze(-1)) & (pixels + 0.5 < stop.unsqueeze(-1))
    start, stop = start.clamp(min=0), stop.clamp(max=length)
    thin = (start < stop) & ~hit.any(-1)
    middle = ((start + stop) / 2).floor().clamp(max=length - 1)
    return hit | (thin.unsqueeze(-1) & (pixels == middle.unsqueeze(-1)))
