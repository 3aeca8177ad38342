"""A video played backwards."""

import numpy as np

from .video_source import SourceView, VideoSource


class ReversedSource(SourceView):
    """A video played backwards; frames keep their names.

    Frames are decoded forwards in blocks, since reading a video file backwards restarts decoding from the
    start: for N frames, N² / (2 ``block``) are decoded instead of N² / 2.

    Args:
        source: the video; its frames can be read at any time.
        block: frames held in memory.
    """

    def __init__(self, source: VideoSource, block: int = 16) -> None:
        super().__init__(source)
        self.frame_names, self.backwards = source.frame_names[::-1], not source.backwards
        self.block = block
        self._held: dict[int, np.ndarray] = {}  # by the index in the source

    def __getitem__(self, t: int) -> np.ndarray:
        if not 0 <= t < len(self):
            raise IndexError(f'reversed video: frame {t} of {len(self)}')
        own = len(self) - 1 - t
        if own not in self._held:
            self._held = {}  # before the next block is read
            for k in range(max(0, own + 1 - self.block), own + 1):
                self._held[k] = self.source[k]
        return self._held[own]
