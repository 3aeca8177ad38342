"""A video file as a lazy sequence of frames."""

import re
from collections.abc import Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np

from ..errors import ConfigError, VideoError
from ..files import open_regular
from .image_file import IMAGE_SUFFIXES
from .opencv_video import OpenCVDecoder
from .video_source import VideoSource

VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.gif')

# text has no control characters, all containers but one have some at their start
_BINARY = re.compile(rb'[\x00-\x08\x0e-\x1f\x7f]|\AYUV4MPEG2')
_LISTS_FILES = re.compile(rb'\s*(#EXTM3U|ffconcat|<\?xml|<MPD|v=0)')


class Decoder(Protocol):
    """Interface of decoders of a video file."""

    length: int
    size: tuple[int, int]
    fps: Fraction | None

    def read(self, t: int) -> np.ndarray:
        """Frame ``t``, uint8 (H, W, 3) BGR."""

    def time(self, t: int) -> Fraction | None:
        """When frame ``t`` is shown, in seconds of the file; None when unknown."""


class VideoFileSource(VideoSource):
    """A video file, decoded by PyAV, or by OpenCV where PyAV is not installed.

    Frames are rotated as the file asks for, and found by their timestamps, so that ``source[t]`` is the same
    frame in any order of reading. OpenCV decodes from the start of the file, and knows no timestamps.

    Args:
        path: any container FFmpeg can decode.
        damaged: ``'skip'`` replaces a frame that cannot be decoded by the one before, with a warning that
            counts them; ``'error'`` by default.

    Raises:
        VideoError: no file, text or an image, cut off, none of its frames can be decoded, or it has more
            pixels or frames than the limits.
        ConfigError: another value of ``damaged``, or ``'skip'`` without PyAV.
    """

    def __init__(self, path: str | Path, damaged: str = 'error') -> None:
        self.path, self.damaged = Path(path), damaged
        self.name = self.path.stem
        self._check_kind()
        self._decoder = _decoder(self.path, damaged)
        self.fps = self._decoder.fps
        self.frame_names = [f'{t:05d}' for t in range(self._decoder.length)]

    def _check_kind(self) -> None:
        """Reject images and text, which FFmpeg may take for image sequences and lists of other files."""
        with open_regular(self.path, VideoError, 'no such video file or folder of frames.') as file:
            start = file.read(1024)
        if self.path.suffix.lower() in IMAGE_SUFFIXES:
            raise VideoError(f'{self.path}: is an image. Give the folder of the frames, or a video file.')
        if start and (_LISTS_FILES.match(start) or not _BINARY.search(start)):
            raise VideoError(f'{self.path}: is text ({start[:20]!r} ...), expected a video file.')

    def __getitem__(self, t: int) -> np.ndarray:
        if not -len(self) <= t < len(self):
            raise IndexError(f'{self.path}: frame {t} of {len(self)}')
        return self._decoder.read(t % len(self))

    def __reduce__(self) -> tuple[type['VideoFileSource'], tuple[Path, str], dict[str, str | None]]:
        return type(self), (self.path, self.damaged), dict(name=self.name)

    def timestamp(self, t: int) -> Fraction | None:
        """When frame ``t`` is shown, in seconds after the first one; None when unknown."""
        time, start = self._decoder.time(t), self.start
        return None if time is None else time - start

    @property
    def start(self) -> Fraction:
        """When the first frame is shown, on the clock of the file, which its audio shares."""
        return self._decoder.time(0) or Fraction(0)

    @property
    def time_base(self) -> Fraction | None:
        """Unit of the file's timestamps, in seconds; None when unknown."""
        return getattr(self._decoder, 'time_base', None)

    @property
    def damaged_frames(self) -> int:
        """Number of frames that could not be decoded so far, and were skipped."""
        return len(getattr(self._decoder, 'damaged', ()))

    @property
    def files(self) -> Sequence[Path]:
        """Files of the frames."""
        return [self.path]

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of every frame."""
        return self._decoder.size


def _decoder(path: Path, damaged: str) -> Decoder:
    if damaged not in ('error', 'skip'):
        raise ConfigError(f"damaged: found {damaged!r:.80}, expected 'error' or 'skip'.")
    if has_pyav():
        from .pyav_video import PyAVDecoder

        return PyAVDecoder(path, damaged == 'skip')
    if damaged == 'skip':
        raise ConfigError("damaged='skip' needs PyAV: pip install av.")
    return OpenCVDecoder(path)


def has_pyav() -> bool:
    """Whether PyAV is installed; without it, OpenCV decodes and encodes videos, with fewer features."""
    return find_spec('av') is not None
