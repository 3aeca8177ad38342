"""The contract of optical flow providers."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from ...structures import VideoSource

FlowProvider = Callable[[VideoSource, int], np.ndarray]
"""``(source, t) -> flow`` of frame ``t``, counted from 0.

float32 (H, W, 2): for every pixel of frame ``t``, the displacement in pixels (x, y) to where it was in frame
``t - 1``, so that a live video has it too; zero in frame 0, NaN where it is unknown.
"""


class ImagePairFlow(ABC):
    """A :data:`FlowProvider` that sees two frames at a time and keeps nothing between calls."""

    @property
    @abstractmethod
    def settings(self) -> dict:
        """All that the flow of two images depends on, as JSON, such as options and a digest of weights."""

    @abstractmethod
    def between(self, previous: np.ndarray, image: np.ndarray) -> np.ndarray:
        """Flow from ``image`` to ``previous``, see :data:`FlowProvider`; both uint8 (H, W, 3) BGR."""

    def __call__(self, source: VideoSource, t: int) -> np.ndarray:
        """Flow of frame ``t``; see :data:`FlowProvider`.

        Raises:
            VideoError: a frame cannot be read.
        """
        if t == 0:
            return np.zeros((*source.size, 2), np.float32)
        previous = source[t - 1]  # in this order a video file is decoded once
        return self.between(previous, source[t])
