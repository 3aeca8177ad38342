"""A video file as a lazy sequence of frames."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..errors import VideoError
from ..files import open_regular
from ..limits import check_limit
from .image_file import IMAGE_SUFFIXES
from .video_source import VideoSource

VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.gif')

# text has no control characters, all containers but one have some at their start
_BINARY = re.compile(rb'[\x00-\x08\x0e-\x1f\x7f]|\AYUV4MPEG2')
_LISTS_FILES = re.compile(rb'\s*(#EXTM3U|ffconcat|<\?xml|<MPD|v=0)')


class VideoFileSource(VideoSource):
    """A video file, decoded sequentially by OpenCV; seeking backwards reopens the file.

    The length is read from the container, or counted by decoding if it is not stored. If the file then yields
    fewer or more frames, reading its end raises an error.

    Args:
        path: any container OpenCV can decode.

    Raises:
        VideoError: no file, text or an image, none of its frames can be decoded, or it announces more
            pixels or frames than the limits.
    """

    _last: np.ndarray  # the frame decoded last

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = self.path.stem
        self._check_kind()
        self._rewind()
        width, height = self._number(cv2.CAP_PROP_FRAME_WIDTH), self._number(cv2.CAP_PROP_FRAME_HEIGHT)
        check_limit('MAX_PIXELS', width * height, f'{path}: has {width:.0f}x{height:.0f} pixels', VideoError)
        if not self._read():
            raise VideoError(f'{path}: no frames can be decoded. Re-encode it, for example to H.264 MP4.')
        self._size = self._last.shape[:2]
        self.fps = self._number(cv2.CAP_PROP_FPS) or None
        self.frame_names = [f'{t:05d}' for t in range(self._count())]

    def _check_kind(self) -> None:
        """OpenCV takes an image for the first of a sequence, and some texts for lists of other files."""
        with open_regular(self.path, VideoError, 'no such video file or folder of frames.') as file:
            start = file.read(1024)
        if self.path.suffix.lower() in IMAGE_SUFFIXES:
            raise VideoError(f'{self.path}: is an image. Give the folder of the frames, or a video file.')
        if start and (_LISTS_FILES.match(start) or not _BINARY.search(start)):
            raise VideoError(f'{self.path}: is text ({start[:20]!r} ...), expected a video file.')

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

    def __getitem__(self, t: int) -> np.ndarray:
        if not -len(self) <= t < len(self):
            raise IndexError(f'{self.path}: frame {t} of {len(self)}')
        t %= len(self)
        if t < self._next - 1:
            self._rewind()
        while self._next <= t:
            if not self._read():
                raise VideoError(
                    f'{self.path}: ends after {self._next} frames, its header announces {len(self)}; '
                    'the file is damaged or truncated. Copy it again, or re-encode it.'
                )
            if self._last.shape[:2] != self._size:
                raise VideoError(
                    f'{self.path}: the size changes at frame {self._next - 1}. Re-encode it to one size.'
                )
            if self._next == len(self) and self._capture.grab():
                raise VideoError(
                    f'{self.path}: has more than the {len(self)} frames its header announces. Re-encode it.'
                )
        return self._last

    def __reduce__(self) -> tuple[type['VideoFileSource'], tuple[Path], dict[str, str | None]]:
        return type(self), (self.path,), dict(name=self.name)

    @property
    def files(self) -> Sequence[Path]:
        """Files of the frames."""
        return [self.path]

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the first frame."""
        return self._size
