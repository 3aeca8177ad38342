"""The contract of optical flow providers."""

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np

from ...errors import FlowError
from ...structures import VideoSource


class FlowProvider(Protocol):
    """Optical flow of a video, frame by frame; any callable with this signature is a provider."""

    def __call__(self, source: VideoSource, t: int) -> np.ndarray:
        """Flow from frame ``t``, counted from 0, to frame ``t - 1``, which is also available in live video.

        Returns:
            np.ndarray: float32 (H, W, 2), the displacement (x, y) in pixels from each pixel of frame ``t`` to
            its previous position; zero in frame 0, NaN where unknown.
        """


class ImagePairFlow(ABC):
    """A :class:`FlowProvider` that sees two frames at a time and keeps no state between calls."""

    @property
    @abstractmethod
    def settings(self) -> dict:
        """All that the flow depends on except the images, as JSON, such as options and a hash of weights."""

    @abstractmethod
    def between(self, previous: np.ndarray, image: np.ndarray) -> np.ndarray:
        """Flow from ``image`` to ``previous``, see :class:`FlowProvider`; both uint8 (H, W, 3) BGR."""

    def __call__(self, source: VideoSource, t: int) -> np.ndarray:
        """Flow of frame ``t``; see :class:`FlowProvider`.

        Raises:
            VideoError: a frame cannot be read.
            FlowError: :meth:`between` returned something other than float32 (H, W, 2).
        """
        if t == 0:
            return np.zeros((*source.size, 2), np.float32)
        previous = source[t - 1]  # in this order a video file is decoded once
        flow = self.between(previous, source[t])
        check_flow(flow, source.size, self)
        return flow


def check_flow(flow: np.ndarray, size: tuple[int, int], provider: ImagePairFlow) -> None:
    """Raise a FlowError unless flow is float32 (H, W, 2)."""
    expected = (*size, 2)
    if not isinstance(flow, np.ndarray) or flow.dtype != np.float32 or flow.shape != expected:
        found = f'{getattr(flow, "dtype", type(flow).__name__)} {tuple(getattr(flow, "shape", ()))}'
        raise FlowError(f'{type(provider).__name__}.between: expected float32 {expected}, found {found}.')
