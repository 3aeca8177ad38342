"""Subsequences of the frames of a video."""

from collections.abc import Sequence
from fractions import Fraction
from typing import cast

import numpy as np

from ..errors import ConfigError, VideoError
from .video_source import SourceView, VideoSource


class FrameRange(SourceView):
    """Every ``step``-th frame of a video, from ``start`` to ``stop``, exclusive.

    Args:
        source: the video; it may be live.
        start: first frame.
        stop: frame after the last one; None: the video's end.
        step: 1 takes every frame.

    Raises:
        ConfigError: numbers that do not form a range.
        VideoError: the video has no frame in the range.
    """

    def __init__(self, source: VideoSource, start: int = 0, stop: int | None = None, step: int = 1) -> None:
        if start < 0 or step < 1 or (stop is not None and stop <= start):
            raise ConfigError(
                f'frames {start}:{"" if stop is None else stop}:{step}: expected start:stop:step with '
                '0 <= start < stop and step >= 1.'
            )
        super().__init__(source)
        self.start, self.stop, self.step = start, stop, step
        self.fps = None if source.fps is None else source.fps / step
        self.frame_names = cast('Sequence[str]', _Names(self))
        if source.length is not None:
            self.frame_names = source.frame_names[start:stop:step]
            if not self.frame_names:
                raise VideoError(f'frames from {start} on: the video has {source.length} frames.')

    def original(self, k: int) -> int:
        """Index in the source of frame ``k``."""
        return self.start + k * self.step

    def position(self, t: int) -> int | None:
        """Index of the source's frame ``t``; None if it is left out."""
        k, rest = divmod(t - self.start, self.step)
        inside = k >= 0 and not rest and (self.stop is None or t < self.stop)
        return k if inside and (self.length is None or k < self.length) else None

    def __len__(self) -> int:
        if self.length is None:
            raise TypeError('frames of a live source have no len(): they arrive one at a time.')
        return len(self.frame_names)

    @property
    def length(self) -> int | None:
        """Number of frames; None for a live source."""
        return None if self.source.length is None else len(self.frame_names)

    def has_frame(self, t: int) -> bool:
        """Whether there is a frame ``t``; a live source waits for it."""
        if t < 0 or (self.stop is not None and self.original(t) >= self.stop):
            return False
        return self.source.has_frame(self.original(t))

    def __getitem__(self, t: int) -> np.ndarray:
        k = t + len(self) if t < 0 else t
        if not self.has_frame(k):
            shown = f'{self.start}:{"" if self.stop is None else self.stop}:{self.step}'
            raise IndexError(f'frames {shown} of a video: no frame {t}')
        return self.source[self.original(k)]

    def timestamp(self, t: int) -> Fraction | None:
        """When frame ``t`` is shown, in seconds after the first one of the source; None when unknown."""
        return self.source.timestamp(self.original(t))


class _Names:
    """Names of frames of a live source."""

    def __init__(self, frames: FrameRange) -> None:
        self.frames = frames

    def __getitem__(self, t: int) -> str:
        return self.frames.source.frame_names[self.frames.original(t)]
