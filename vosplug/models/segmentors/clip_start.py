"""What a training clip starts from."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ...structures import Supervision


def first_masks(
    targets: dict[str, Tensor], images: Tensor, initializer: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Tensor:
    """Masks of the objects in the first frames: their pixels, or what the box gives where that is all.

    Args:
        targets: ``id_masks`` (B, T, H, W), ``boxes`` (B, T, N, 4), ``supervision`` (B, T, N),
            ``valid`` (B, N).
        images: the first frames, RGB in 0..255 (B, 3, H, W).
        initializer: box -> mask, as for a prompt.

    Returns:
        Tensor: (B, N, H, W) in [0, 1]; 0 for slots that are not valid.
    """
    id_masks, boxes, valid = targets['id_masks'][:, 0], targets['boxes'][:, 0], targets['valid']
    slots = torch.arange(1, boxes.shape[1] + 1, device=boxes.device).view(1, -1, 1, 1)
    masks = (id_masks.unsqueeze(1) == slots).to(boxes.dtype) * valid[..., None, None]
    has_box = (targets['supervision'][:, 0] != Supervision.MASK) & valid
    if has_box.any():
        frames = images.flip(1).permute(0, 2, 3, 1).round().clamp(0, 255).byte().cpu().numpy()
        for clip, slot in has_box.nonzero().tolist():
            mask = initializer(frames[clip], boxes[clip, slot].cpu().numpy())
            masks[clip, slot] = torch.from_numpy(mask).to(masks)
    return masks
