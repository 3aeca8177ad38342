"""Videos that are read in order and have no known end: generators, cameras, streams."""

import copy
import re
import threading
import time
import warnings
from abc import abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import cast
from urllib.parse import urlsplit

import cv2
import numpy as np

from ..errors import VideoError
from ..limits import check_limit
from .video_file import has_pyav
from .video_source import VideoSource

_KEPT = 2  # frames that can still be read
_QUEUED = 2  # frames of a camera in the queue; older ones are dropped
_ADDRESS = re.compile(r'(rtsps?|rtmps?|https?|udp|srt)://', re.IGNORECASE)

TimedFrame = tuple[np.ndarray, Fraction | None]  # uint8 (H, W, 3) BGR, and seconds on any clock


class _Numbers:
    """Names of an unbounded number of frames."""

    def __getitem__(self, t: int) -> str:
        return f'{t:05d}'


class LiveSource(VideoSource):
    """Base class of videos that are read once, in order; it has no ``len``.

    Only the last frames can be read: ``source[t]`` waits for frame ``t``, and the one before is kept.

    Attributes:
        dropped: number of frames that arrived faster than they were read, and were dropped.
    """

    random_access = False
    dropped: int = 0

    def __init__(self) -> None:
        self.frame_names = cast('list[str]', _Numbers())
        self._frames: Iterator[TimedFrame] | None = None
        self._kept: dict[int, TimedFrame] = {}
        self._count = 0
        self._size: tuple[int, int] | None = None
        self._begin: Fraction | None = None

    @abstractmethod
    def _read(self) -> Iterator[TimedFrame]:
        """The frames, with their times."""

    def __len__(self) -> int:
        raise TypeError(f'{type(self).__name__} has no len(): its frames arrive one at a time.')

    @property
    def length(self) -> None:
        """None: the number of frames is not known."""
        return None

    def has_frame(self, t: int) -> bool:
        """Whether there is a frame ``t``; waits for it."""
        if self._frames is None:
            self._frames = self._read()
        while self._count <= t:
            following = next(self._frames, None)
            if following is None:
                return False
            self._keep(*following)
        return t >= 0

    def _keep(self, frame: np.ndarray, seconds: Fraction | None) -> None:
        label = f'{self.name or type(self).__name__}: frame {self._count}'
        if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.shape[2:] != (3,):
            found = f'{frame.dtype} {frame.shape}' if isinstance(frame, np.ndarray) else type(frame).__name__
            raise VideoError(f'{label}: expected uint8 (H, W, 3) BGR, found {found}.')
        self._size = self._size or frame.shape[:2]
        if frame.shape[:2] != self._size:
            raise VideoError(
                f'{label}: is {frame.shape[1]}x{frame.shape[0]}, the video is {self._size[1]}x'
                f'{self._size[0]}. All frames of a video must share one size.'
            )
        if self._begin is None:
            self._begin = seconds
        self._kept[self._count] = frame, seconds
        self._kept.pop(self._count - _KEPT, None)
        self._count += 1

    def __getitem__(self, t: int) -> np.ndarray:
        return self._at(t)[0]

    def _at(self, t: int) -> TimedFrame:
        if not self.has_frame(t):
            raise IndexError(f'{self.name or type(self).__name__}: frame {t} of {self._count}')
        if t not in self._kept:
            raise VideoError(
                f'{type(self).__name__}: frame {t} is no longer available: of the {self._count} frames '
                f'received, only the last {_KEPT} are kept. Record the video first.'
            )
        return self._kept[t]

    def timestamp(self, t: int) -> Fraction | None:
        """When one of the last frames arrived, in seconds after the first one; None when unknown."""
        seconds = self._at(t)[1]
        return super().timestamp(t) if seconds is None or self._begin is None else seconds - self._begin

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the first frame; waits for it."""
        if self._size is None and not self.has_frame(0):
            raise VideoError(f'{self.name or type(self).__name__}: ends before its first frame.')
        assert self._size is not None
        return self._size

    def close(self) -> None:
        """Release the device or connection."""


class IteratorSource(LiveSource):
    """Frames from a generator.

    Args:
        frames: uint8 (H, W, 3) BGR, one at a time; a generator may reuse its buffer.
        fps: frames per second.
        name: of the video.
    """

    def __init__(
        self, frames: Iterable[np.ndarray], fps: float | None = None, name: str | None = None
    ) -> None:
        super().__init__()
        self._given, self.fps, self.name = frames, fps, name

    def _read(self) -> Iterator[TimedFrame]:
        return ((copy.copy(frame), None) for frame in self._given)


class _ThreadedSource(LiveSource):
    """A source read in a thread, so that frames do not wait in buffers while others are segmented."""

    keeps_all: bool = False  # wait for the reader instead of dropping the oldest frames

    def __init__(self) -> None:
        super().__init__()
        self._queue: deque[TimedFrame] = deque()
        self._changed = threading.Condition()
        self._done = self._stopped = False
        self._error: Exception | None = None

    @abstractmethod
    def _receive(self) -> Iterator[TimedFrame]:
        """Frames from the device, read in a thread of its own."""

    def _read(self) -> Iterator[TimedFrame]:
        threading.Thread(target=self._fill, daemon=True).start()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._done)
                if not self._queue:
                    if self._error is not None:
                        self._report(self._error)
                    return
                following = self._queue.popleft()
                self._changed.notify_all()
            yield following

    def _fill(self) -> None:
        try:
            for following in self._receive():
                with self._changed:
                    if self.keeps_all:
                        self._changed.wait_for(lambda: len(self._queue) < _QUEUED or self._stopped)
                    elif len(self._queue) == _QUEUED:
                        self._queue.popleft()
                        self.dropped += 1
                    self._queue.append(following)
                    self._changed.notify_all()
                if self._stopped:
                    return
        except Exception as error:  # any error of the thread is reported to the reader
            self._error = error
        finally:
            with self._changed:
                self._done = True
                self._changed.notify_all()

    def _report(self, error: Exception) -> None:
        """Raise errors of limits or before the first frame; a connection lost later ends the video."""
        if isinstance(error, VideoError) or not self._count:
            raise error
        warnings.warn(f'{self.name}: lost after {self._count} frames ({error}).', stacklevel=2)

    def close(self) -> None:
        """Release the device or connection."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


class CameraSource(_ThreadedSource):
    """A local camera, opened by OpenCV.

    Args:
        index: of the camera, 0 for the first one.

    Raises:
        VideoError: no such camera.
    """

    def __init__(self, index: int = 0) -> None:
        super().__init__()
        self.name = f'camera{index}'
        self._capture = cv2.VideoCapture(index)
        if not self._capture.isOpened():
            raise VideoError(
                f'camera {index}: cannot be opened. Check that it is connected, not in use by another '
                'program, and readable.'
            )
        self.fps = self._capture.get(cv2.CAP_PROP_FPS) or None

    def _receive(self) -> Iterator[TimedFrame]:
        while True:
            ok, frame = self._capture.read()
            if not ok:
                return
            yield frame, Fraction(time.monotonic_ns(), 10**9)


class StreamSource(_ThreadedSource):
    """A video on a network, such as ``rtsp://camera/1`` or ``https://host/clip.mp4``.

    Frames of a live stream that come faster than they are read are dropped; a file on a server is read fully.

    Args:
        address: with its protocol.
        timeout: seconds to wait for a connection or a frame.

    Raises:
        VideoError: not an address, it cannot be reached, has no video, or more pixels than the limit.
    """

    def __init__(self, address: str, timeout: float = 20) -> None:
        super().__init__()
        if not is_address(address):
            raise VideoError(f'{address!r:.200}: expected an address such as rtsp://camera/1.')
        self.address = address
        self.name = urlsplit(address).hostname or 'stream'
        shown = address.replace(f'{urlsplit(address).netloc.rpartition("@")[0]}@', '')  # without a password
        if has_pyav():
            from .pyav_stream import PyAVStream

            self._stream = PyAVStream(address, shown, timeout)
            self.fps, self.keeps_all = self._stream.fps, self._stream.finite
        else:
            self._capture = cv2.VideoCapture(address)
            if not self._capture.isOpened():
                raise VideoError(f'{shown}: cannot be opened. Check the address and the network.')

    def _receive(self) -> Iterator[TimedFrame]:
        if has_pyav():
            yield from self._stream.frames()
            return
        while (read := self._capture.read())[0]:
            height, width = read[1].shape[:2]
            check_limit('MAX_PIXELS', height * width, f'{self.name}: has {width}x{height} pixels', VideoError)
            yield read[1], Fraction(time.monotonic_ns(), 10**9)


def is_address(text: object) -> bool:
    """Whether a text is the address of a video on a network."""
    return isinstance(text, str) and _ADDRESS.match(text) is not None
