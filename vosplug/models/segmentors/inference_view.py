"""One pass of a segmentor over a video, at one scale and orientation."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..aggregation import soft_aggregate

if TYPE_CHECKING:
    from .base import BaseVideoSegmentor


class InferenceView:
    """Carries a method's state through a video and translates between source and working resolution.

    Invariant: the working frame is the source frame, resized, mirrored if ``flip``, then padded on all
    sides (the odd pixel right and below) to a multiple of the method's ``size_divisor``, as its data
    preprocessor pads images.

    Args:
        model: the segmentor.
        size: (H, W) of the source.
        scale: factor on the working resolution.
        flip: mirror left to right.
    """

    def __init__(self, model: 'BaseVideoSegmentor', size: tuple[int, int], scale: float, flip: bool) -> None:
        self.model, self.size, self.flip = model, size, flip
        short_side = model.test_cfg.get('short_side') or min(size)
        factor = scale * short_side / min(size)
        self.work = tuple(max(1, round(side * factor)) for side in size)
        height, width = ((-side) % model.size_divisor for side in self.work)
        self.padding = (width // 2, width - width // 2, height // 2, height - height // 2)
        self.state = model.start()
        self.known = 0

    def step(
        self, t: int, frame: np.ndarray, given: Mapping[int, np.ndarray], refined: Sequence[int] = ()
    ) -> Tensor:
        """Segment a frame and remember it.

        Args:
            t: frame index.
            frame: uint8 (H, W, 3) BGR at the source's resolution.
            given: object index -> float32 (H, W) prompt; new objects continue the indices.
            refined: those of ``given`` that are segmented again with the prompt in memory.

        Returns:
            Tensor: (N+1, H, W) probabilities at the source's resolution, background first.
        """
        image = self.model.data_preprocessor.frame(self._resize(frame), self.padding)
        total = max([self.known, *(slot + 1 for slot in given)])
        probs = image.new_zeros(total, *image.shape[-2:])
        if set(range(self.known)) - set(given):
            probs[: self.known] = self.model.segment(self.state, t, image).sigmoid()
        if given:
            # what was predicted is settled among itself before prompts take their places
            probs = soft_aggregate(probs).softmax(0)[1:]
            self._put(probs, given)
        aggregated = soft_aggregate(probs).softmax(0)
        self._remember(t, image, aggregated, prompted=bool(given))
        if refined:
            slots = list(refined)
            probs[slots] = self.model.segment(self.state, t, image)[slots].sigmoid()
            aggregated = soft_aggregate(probs).softmax(0)
            self._remember(t, image, aggregated, prompted=True)
        self.known = total
        return self._to_source(aggregated)

    def _remember(self, t: int, image: Tensor, aggregated: Tensor, prompted: bool) -> None:
        probs = aggregated[1:]
        if self.model.blank_padding:
            probs = self._pad(self._unpad(probs))
        self.model.remember(self.state, t, image, probs, prompted)

    def _put(self, probs: Tensor, given: Mapping[int, np.ndarray]) -> None:
        """Prompts replace what was predicted: other objects give way where a prompt is."""
        masks = {slot: self._prompt(mask, probs) for slot, mask in given.items()}
        taken = torch.stack(list(masks.values())).amax(0) > 0.5
        probs *= ~taken
        for slot, mask in masks.items():
            probs[slot] = mask

    def _prompt(self, mask: np.ndarray, like: Tensor) -> Tensor:
        return self._pad(torch.from_numpy(self._resize(mask)).to(like)[None, None])[0, 0]

    def _resize(self, array: np.ndarray) -> np.ndarray:
        if self.work != self.size:
            method = cv2.INTER_AREA if self.work[0] < self.size[0] else cv2.INTER_LINEAR
            array = cv2.resize(array, self.work[::-1], interpolation=method)
        return np.ascontiguousarray(array[:, ::-1]) if self.flip else array

    def _pad(self, tensor: Tensor) -> Tensor:
        return F.pad(tensor, self.padding) if any(self.padding) else tensor

    def _unpad(self, probs: Tensor) -> Tensor:
        left, _, top, _ = self.padding
        return probs[:, top : top + self.work[0], left : left + self.work[1]]

    def _to_source(self, probs: Tensor) -> Tensor:
        probs = self._unpad(probs)
        if self.flip:
            probs = probs.flip(-1)
        if self.work != self.size:
            probs = F.interpolate(probs[None], self.size, mode='bilinear', align_corners=False)[0]
        return probs
