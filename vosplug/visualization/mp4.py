"""MP4 files, written frame by frame: H.264 by PyAV, or MPEG-4 by OpenCV where PyAV is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from ..atomic import atomic_path
from ..errors import OutputError, VideoError
from ..structures import VideoFileSource
from ..structures.video_file import has_pyav

_MPEG4_RATE = 65535  # the largest numerator of frames per second


class Encoder(Protocol):
    """Encodes frames to a file, which is created with the first frame."""

    def write(self, frame: np.ndarray, time: Fraction | None) -> None:
        """Add a frame, uint8 (H, W, 3) BGR with even sides, shown at a time in seconds."""

    def close(self) -> int:
        """Finish the file; returns how many frames can be read from it."""

    def abort(self) -> None:
        """Close the file, even if it is incomplete."""


class MP4Writer:
    """Checks frames and writes them to an MP4; see :func:`open_mp4`."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._path, self._encoder = path, encoder
        self._shape: tuple[int, ...] = ()
        self.count = 0

    def write(self, frame: np.ndarray, time: Fraction | None = None) -> None:
        """Add a frame.

        Args:
            frame: uint8 (H, W, 3) BGR, of the first one's size. The codec needs even sides: an odd one is
                padded by repeating a row or column.
            time: when it is shown, in seconds, later than the previous frame; None: by the frame rate. Either
                all frames have a time, or none has.

        Raises:
            VideoError: frames of different sizes.
        """
        self._shape = self._shape or frame.shape
        check_frame(self._path, self.count, frame, self._shape)
        height, width = frame.shape[:2]
        even = cv2.copyMakeBorder(frame, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        self._encoder.write(even, time)
        self.count += 1


@contextmanager
def open_mp4(
    path: str | Path,
    fps: float | Fraction = 25,
    time_base: Fraction | None = None,
    audio: VideoFileSource | None = None,
) -> Iterator[MP4Writer]:
    """Write an MP4 that browsers play: H.264, with its index first, so that it plays while it loads.

    Without PyAV it is MPEG-4 at a constant frame rate, without audio, which few browsers play.

    Args:
        path: file to write, ending in ``.mp4``; it appears when the block ends without an error.
        fps: frames per second, from 0.01 to 65535.
        time_base: unit of frame times, in seconds; 1/90000 by default.
        audio: video whose audio is copied; times of frames are then those of this video.

    Yields:
        MP4Writer: takes the frames.

    Raises:
        VideoError: no frames, frames of different sizes, ``fps`` out of range, another suffix, or no encoder.
        OutputError: the file cannot be written.
    """
    path = Path(path)
    check_fps(path, fps)
    if not 0.01 <= fps <= _MPEG4_RATE:
        raise VideoError(f'{path}: MPEG-4 needs 0.01 to {_MPEG4_RATE} frames per second, found {fps}.')
    if path.suffix.lower() != '.mp4':
        raise VideoError(f'{path}: expected a file name ending in .mp4.')
    with atomic_path(path) as partial:
        encoder: Encoder
        if has_pyav():
            from .h264 import H264Encoder

            rate = Fraction(fps).limit_denominator(100_000)
            encoder = H264Encoder(path, partial, rate, time_base, audio)
        else:
            encoder = _OpenCVEncoder(path, partial, _rounded(float(fps)))
        writer = MP4Writer(path, encoder)
        try:
            yield writer
            if not writer.count:
                raise VideoError(f'{path}: there are no frames to write.')
            written = encoder.close()
            if written != writer.count:  # encoders do not report a full disk
                raise OutputError(
                    f'{path}: cannot be written whole ({written} of {writer.count} frames). Free space on '
                    'the disk, or choose another folder.'
                )
        except BaseException:
            encoder.abort()
            raise


class _OpenCVEncoder:
    """MPEG-4 at a constant frame rate, without audio."""

    def __init__(self, path: Path, partial: Path, fps: float) -> None:
        self.path, self.partial, self.fps = path, partial, fps
        self._writer = cv2.VideoWriter()

    def write(self, frame: np.ndarray, time: Fraction | None) -> None:
        if not self._writer.isOpened():
            kind, size = cv2.VideoWriter_fourcc(*'mp4v'), frame.shape[1::-1]
            if not self._writer.open(str(self.partial.absolute()), kind, self.fps, size):
                raise VideoError(
                    f'{self.path}: this OpenCV cannot encode MPEG-4 (mp4v). Install PyAV (pip install av), '
                    'or write a GIF.'
                )
        self._writer.write(frame)

    def close(self) -> int:
        self._writer.release()
        return int(cv2.VideoCapture(str(self.partial.absolute())).get(cv2.CAP_PROP_FRAME_COUNT))

    def abort(self) -> None:
        self._writer.release()


def check_frame(path: str | Path, number: int, frame: np.ndarray, shape: tuple[int, ...]) -> None:
    """Raise a VideoError unless a frame is uint8 (H, W, 3), of the first one's shape."""
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape != shape or frame.shape[2] != 3:
        raise VideoError(
            f'{path}: frame {number} is {frame.dtype} {frame.shape}, the first is {shape}; expected '
            'uint8 (H, W, 3) BGR of one size. Resize the frames first.'
        )


def check_fps(path: str | Path, fps: float | Fraction) -> None:
    """Raise a VideoError unless the frame rate is positive and finite."""
    if not 0 < fps < float('inf'):
        raise VideoError(f'{path}: fps must be positive, found {fps}.')


def _rounded(fps: float) -> float:
    """Rounded frame rate: OpenCV makes it a fraction over a power of ten, whose numerator MPEG-4 limits."""
    digits = next(d for d in (3, 2, 1, 0) if round(fps * 10**d) <= _MPEG4_RATE)
    return round(fps, digits)
