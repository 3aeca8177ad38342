"""A video opened for review."""

import threading

import numpy as np

from ..errors import VideoError
from ..pseudo_labels import BoxVideo, Composer
from ..structures import LastFrameSource, VideoSource


class OpenVideo:
    """A video opened for review: its frames, and the cached composer of its labels."""

    def __init__(self, video: BoxVideo) -> None:
        self.video = video
        self.source: VideoSource = LastFrameSource(video.open(), keep=8)
        self.index = {name: t for t, name in enumerate(self.source.frame_names)}
        self.composed: tuple[object, Composer] | None = None
        self.lock = threading.Lock()  # a video file has one reader

    def frame(self, name: str) -> np.ndarray:
        """Frame of the given name.

        Raises:
            VideoError: the frame is missing or damaged.
        """
        with self.lock:
            if name not in self.index:
                raise VideoError(f'video {self.video.name}: frame {name} is missing.')
            return self.source[self.index[name]]
