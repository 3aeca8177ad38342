"""Masks that initialize training clips."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from torch import nn

from ...errors import ConfigError
from ...registry import MODELS, TRANSFORMS
from ...structures import Supervision, VideoSource

Frames = Sequence[np.ndarray] | VideoSource
BoxToMask = Callable[[Frames, int, Mapping[int, np.ndarray]], np.ndarray]


@TRANSFORMS.register_module()
class StartMasks(BaseTransform):
    """Create the field ``start_masks``: the objects' masks in the clip's first frame, as a method gets them.

    An object with mask supervision there gets its annotated mask; with a box, the mask that a box-to-mask
    model makes from it, as for box prompts in inference; an absent object gets an empty mask. Place it right
    before ``PackClip``, where the frames are what the network sees.

    Args:
        box_to_mask: ``(frames, t, boxes) -> masks`` or its config. It takes uint8 (H, W, 3) BGR frames, the
            index of the frame to segment, and the boxes of all frames by frame, float32 (N, 4) with rows of
            NaN where unknown; it returns float32 (N, H, W) in [0, 1] for frame ``t``. It runs in data loader
            workers on the CPU and must be deterministic per clip. None: the filled box.

    Added key: ``start_masks``, float32 (N, H, W) in [0, 1].

    Raises:
        ConfigError: masks of a wrong shape.
    """

    def __init__(self, box_to_mask: dict | BoxToMask | None = None) -> None:
        model = box_to_mask or dict(type='FilledBoxInitializer')
        self.box_to_mask = MODELS.build(model) if isinstance(model, dict) else model
        if isinstance(self.box_to_mask, nn.Module):
            self.box_to_mask.eval()

    def transform(self, results: dict) -> dict:
        """See the class."""
        id_mask, visible = np.asarray(results['id_masks'][0]), results['visible']
        slots = np.arange(1, visible.shape[1] + 1)
        masks = (id_mask == slots[:, None, None]).astype(np.float32)
        masks[~visible[0]] = 0
        boxed = np.flatnonzero(visible[0] & (results['supervision'][0] != Supervision.MASK))
        if boxed.size:
            masks[boxed] = self._from_boxes(results, boxed)
        return {**results, 'start_masks': masks}

    def _from_boxes(self, results: dict, slots: np.ndarray) -> np.ndarray:
        frames = [np.ascontiguousarray(image) for image in results['imgs']]
        known = np.where(results['visible'][..., None], results['boxes'], np.float32(np.nan))[:, slots]
        boxes = {k: row for k, row in enumerate(known) if np.isfinite(row).any()}
        with torch.no_grad():
            masks = np.asarray(self.box_to_mask(frames, 0, boxes), np.float32)
        expected = (len(slots), *frames[0].shape[:2])
        if masks.shape != expected:
            raise ConfigError(
                f'StartMasks.box_to_mask: {type(self.box_to_mask).__name__} returned masks of shape '
                f'{masks.shape}, expected (N, H, W) = {expected}.'
            )
        return masks
