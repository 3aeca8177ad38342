"""Decoding of a video file by OpenCV, for installations without PyAV."""

import math
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from ..errors import VideoError
from ..limits import check_limit


class OpenCVDecoder:
    """Frames of a video file; seeking backwards reopens it.

    The length is read from the container, or counted by decoding if it is not stored. If the file then yields
    fewer or more frames, reading its end raises an error. Times follow from the frame rate.

    Args:
        path: any container OpenCV can decode.

    Attributes:
        length: number of frames.
        size: (H, W) of every frame.
        fps: frames per second, None when unknown.

    Raises:
        VideoError: none of its frames can be decoded, or it announces more pixels or frames than the limits.
    """

    _last: np.ndarray  # the frame decoded last

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rewind()
        width, height = self._number(cv2.CAP_PROP_FRAME_WIDTH), self._number(cv2.CAP_PROP_FRAME_HEIGHT)
        check_limit('MAX_PIXELS', width * height, f'{path}: has {width:.0f}x{height:.0f} pixels', VideoError)
        if not self._read():
            raise VideoError(f'{path}: no frames can be decoded. Re-encode it, for example to H.264 MP4.')
        self.size = self._last.shape[:2]
        fps = self._number(cv2.CAP_PROP_FPS)
        self.fps = Fraction(fps).limit_denominator(1001) if fps else None
        self.length = self._count()

    def _number(self, key: int) -> float:
        """A property of the container, 0 where it is unknown."""
        value = float(self._capture.get(key))
        return value if math.isfinite(value) and value > 0 else 0.0

    def _count(self) -> int:
        announced = int(self._number(cv2.CAP_PROP_FRAME_COUNT))
        check_limit('MAX_FRAMES', announced, f'{self.path}: announces {announced:,} frames', VideoError)
        if announced:
            return announced
        count = 1
        while self._capture.grab():
            count += 1
            check_limit('MAX_FRAMES', count, f'{self.path}: has {count:,} frames or more', VideoError)
        self._rewind()
        return count

    def _rewind(self) -> None:
        # FFmpeg takes a relative name such as concat:a.avi for a protocol
        self._capture, self._next = cv2.VideoCapture(str(self.path.absolute())), 0

    def _read(self) -> bool:
        ok, frame = self._capture.read()
        if ok:
            self._last, self._next = frame, self._next + 1
        return ok

    def read(self, t: int) -> np.ndarray:
        """Frame ``t``, uint8 (H, W, 3) BGR.

        Raises:
            VideoError: the file ends before, goes on after its last frame, or changes its size.
        """
        if t < self._next - 1:
            self._rewind()
        while self._next <= t:
            if not self._read():
                raise VideoError(
                    f'{self.path}: ends after {self._next} frames, its header announces {self.length}; '
                    'the file is damaged or truncated. Copy it again, or re-encode it.'
                )
            if self._last.shape[:2] != self.size:
                raise VideoError(
                    f'{self.path}: the size changes at frame {self._next - 1}. Re-encode it to one size.'
                )
            if self._next == self.length and self._capture.grab():
                raise VideoError(
                    f'{self.path}: has more than the {self.length} frames its header announces. Re-encode it.'
                )
        return self._last

    def time(self, t: int) -> Fraction | None:
        """When frame ``t`` is shown, in seconds of the file; None when unknown."""
        return t / self.fps if self.fps else None
