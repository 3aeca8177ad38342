"""GrabCut as a box-to-mask model."""

from collections.abc import Mapping

import cv2
import numpy as np

from ...errors import ConfigError
from ...registry import MODELS
from ...structures import boxes_of_mask, fill_box
from .base import BoxToMask, Frames

# radii around points, as shares of the image's short side: certainly the object, and possibly
SURE, NEAR = 0.01, 0.15
FOREGROUND = (cv2.GC_PR_FGD, cv2.GC_FGD)
CONTEXT = 0.25  # share of the box's sides; more context gave no better masks for DAVIS 2016's training boxes


@MODELS.register_module()
class GrabCutInitializer(BoxToMask):
    """GrabCut from the box (Rother et al. 2004; OpenCV's): a mask from colours, without any training.

    Pixels outside the box are background; inside, colours and edges decide. If the cut's own box overlaps the
    given one too little, the filled box is the mask instead. The same box always gives the same mask.

    Args:
        iterations: rounds of fitting colours and cutting.
        short_side: the box with its context is downscaled to this short side, in pixels; None: never.
        min_reach: minimum IoU of the cut's box and the given one.
        refine: see :class:`BoxToMask`.

    Raises:
        ConfigError: ``iterations`` below 1 or ``short_side`` below 16.
    """

    def __init__(
        self,
        iterations: int = 5,
        short_side: int | None = 240,
        min_reach: float = 0.5,
        refine: bool = False,
    ) -> None:
        super().__init__(refine)
        if iterations < 1 or (short_side is not None and short_side < 16):
            raise ConfigError(
                f'GrabCutInitializer: found iterations={iterations}, short_side={short_side}, '
                'expected iterations of at least 1, and short_side of at least 16 or None.'
            )
        self.iterations, self.short_side, self.min_reach = iterations, short_side, min_reach

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        image = frames[t]
        return np.stack([self._mask(image, box) for box in boxes[t]])

    def _mask(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        filled = fill_box(box, (height, width))
        mask = np.zeros((height, width), bool)
        if filled.any():
            part = _window_around(filled)
            mask[part] = self._inside(image[part], filled[part])
        # the cut lies in the box, so the ratio of their areas is their IoU
        reached = _area(mask) >= self.min_reach * _area(filled)
        return (mask if reached else filled).astype(np.float32)

    def from_points(self, image: np.ndarray, points: np.ndarray) -> np.ndarray:
        """See the base; keeps the connected regions that contain a point on the object."""
        height, width = image.shape[:2]
        sure, near = (max(2, round(share * min(height, width))) for share in (SURE, NEAR))
        labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
        seeds = [((round(float(x)), round(float(y))), on) for x, y, on in points]
        for centre, on in seeds:
            if on:
                cv2.circle(labels, centre, near, cv2.GC_PR_FGD, -1)
        for centre, on in seeds:
            cv2.circle(labels, centre, sure, cv2.GC_FGD if on else cv2.GC_BGD, -1)
        _, regions = cv2.connectedComponents(self._cut(image, labels).astype(np.uint8))
        marked = {regions[min(y, height - 1), min(x, width - 1)] for (x, y), on in seeds if on} - {0}
        return np.isin(regions, list(marked)).astype(np.float32)

    def _inside(self, image: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Pixels of the object among those inside the box, bool (h, w)."""
        return self._cut(image, np.where(inside, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)) & inside

    def _cut(self, image: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Pixels of the object, bool (h, w), given initial labels in OpenCV's format, uint8 (h, w)."""
        size, given = labels.shape[::-1], np.isin(labels, FOREGROUND)
        if self.short_side is not None and min(size) > self.short_side:
            factor = self.short_side / min(size)
            smaller = [round(n * factor) for n in size]
            image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
            labels = cv2.resize(labels, smaller, interpolation=cv2.INTER_NEAREST)
        if len(np.unique(np.isin(labels, FOREGROUND))) == 1:  # nothing to tell apart; OpenCV would refuse it
            return given
        cv2.setRNGSeed(0)  # colour clusters are initialised at random
        cv2.grabCut(
            np.ascontiguousarray(image), labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)),
            self.iterations, cv2.GC_INIT_WITH_MASK,
        )  # fmt: skip
        found = np.isin(labels, FOREGROUND).astype(np.float32)
        return cv2.resize(found, size, interpolation=cv2.INTER_LINEAR) > 0.5


def _window_around(filled: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the box with its context."""
    left, top, right, bottom = boxes_of_mask(filled.astype(np.uint8))[1].astype(int)
    dy, dx = (int(CONTEXT * n) + 4 for n in (bottom - top, right - left))
    return slice(max(top - dy, 0), bottom + dy), slice(max(left - dx, 0), right + dx)


def _area(mask: np.ndarray) -> float:
    """Area of the box around a mask, in pixels."""
    left, top, right, bottom = boxes_of_mask(mask.astype(np.uint8)).get(1, np.zeros(4))
    return (right - left) * (bottom - top)
