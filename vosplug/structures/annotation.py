"""Lazily read ground truth of one video, independent of its format on disk."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from .box_ops import boxes_of_mask


class VideoAnnotation(ABC):
    """Masks and boxes of one video, read frame by frame.

    Invariant: ids are the annotation's own and constant throughout the video.
    """

    @abstractmethod
    def mask(self, t: int) -> np.ndarray | None:
        """Id mask of frame ``t``, uint8 (H, W), or None where the frame has no masks."""

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """Box of every object in frame ``t``: id -> float32 (4,) xyxy; tight around masks."""
        mask = self.mask(t)
        return {} if mask is None else boxes_of_mask(mask)

    @abstractmethod
    def annotated_frames(self) -> list[int]:
        """Frames with any annotation, ascending."""


class ArrayAnnotation(VideoAnnotation):
    """Id masks held as arrays.

    Args:
        masks: uint8 (T, H, W), or a sequence of (H, W) with None where a frame has none.
    """

    def __init__(self, masks: Sequence[np.ndarray | None]) -> None:
        self._masks = masks

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`."""
        return self._masks[t]

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        return [t for t, mask in enumerate(self._masks) if mask is not None]
