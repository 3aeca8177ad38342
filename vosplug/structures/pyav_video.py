"""Decoding of a video file by PyAV: every frame by its timestamp."""

import bisect
import gc
import os
import warnings
import weakref
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ..errors import VideoError
from ..limits import check_limit, limit
from .display_matrix import display_matrix, oriented

# errors from damaged files; the last one comes from impossible sizes
_FAILURES = (av.error.FFmpegError, ValueError, OverflowError, MemoryError)
# recordings of streams begin between two keyframes, where nothing can be decoded yet
_CUT_ANYWHERE = ('mpegts', 'mpeg')
# freeing a decoder waits for its threads, which a forked process does not have: it keeps what it inherits
_open_decoders: 'weakref.WeakSet[PyAVDecoder]' = weakref.WeakSet()
_inherited: list[list[tuple]] = []


def _hold_open() -> None:
    # both before the fork: in the child, garbage may be collected before any code of ours runs
    if _open_decoders:
        gc.collect()
    _inherited.append([decoder.opened for decoder in _open_decoders])


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(before=_hold_open, after_in_parent=_inherited.pop)


class PyAVDecoder:
    """Frames of a video file, found by the timestamps of its packets.

    The packets are listed once, without decoding; then a frame is read by seeking to the keyframe before it.
    Files whose packets have no timestamps of their own are decoded from the start, and once to count frames.

    Args:
        path: any container FFmpeg can decode.
        skip_damaged: a frame that cannot be decoded is replaced by the one before it, with a warning,
            instead of an error.

    Attributes:
        length: number of frames.
        size: (H, W) of every frame, after the rotation the file asks for.
        fps: frames per second on average, None when unknown.
        time_base: unit of the timestamps, in seconds.
        damaged: frames that were replaced.

    Raises:
        VideoError: none of its frames can be decoded, it is cut off, or it has more pixels or frames than the
            limits.
    """

    def __init__(self, path: Path, skip_damaged: bool = False) -> None:
        self.path, self.skip_damaged = path, skip_damaged
        self.damaged: set[int] = set()
        self._timed = True
        self._open()
        try:
            self._list_packets()
            self._open()
            first = next(self._decoded(), None)
        except VideoError:
            raise
        except _FAILURES as error:
            raise self._unreadable(error) from None
        if first is None:
            raise self._unreadable()
        self._matrix = display_matrix(first)
        self.size = self._pixels(first).shape[:2]
        self.length = len(self._pts) if self._timed else self._count()
        self._open()

    def _unreadable(self, error: Exception | None = None) -> VideoError:
        reason = f' ({_reason(error)})' if error else ''
        return VideoError(
            f'{self.path}: no frames can be decoded. Re-encode it, for example to H.264 MP4.{reason}'
        )

    def _check_pixels(self, width: int, height: int) -> None:
        check_limit('MAX_PIXELS', width * height, f'{self.path}: has {width}x{height} pixels', VideoError)

    # ------------------------------------------------------------------ the packets

    def _open(self) -> None:
        """Open the file at its start."""
        try:
            # an explicit protocol keeps FFmpeg from finding one in the file's name
            self._container = av.open(f'file:{self.path.absolute()}', options=dict(protocol_whitelist='file'))
        except (*_FAILURES, UnicodeError) as error:
            raise self._unreadable(error) from None
        stream = self._container.streams.best('video')
        if not isinstance(stream, VideoStream):
            raise VideoError(f'{self.path}: has no video stream, expected a video file.')
        if stream.codec_context is None:
            raise self._unreadable()
        self._stream, context = stream, stream.codec_context
        self._check_pixels(context.width, context.height)
        context.options = {'max_pixels': str(limit('MAX_PIXELS'))}  # a stream may announce more than its file
        self._stream.thread_type = 'AUTO'
        self._frames = self._decoded()
        self._last: tuple[int, np.ndarray] | None = None  # the frame decoded last, by its index
        self._next = 0  # index of the frame to be decoded next
        self._ahead: VideoFrame | None = None  # that frame, if it is decoded already
        self._sought = False  # whether decoding started elsewhere than at the start
        self._owner = os.getpid()
        _open_decoders.add(self)

    @property
    def opened(self) -> tuple:
        """The objects that are freed when the file is closed."""
        return self._container, self._stream, self._frames, self._ahead

    def _list_packets(self) -> None:
        announced = self._stream.frames
        check_limit('MAX_FRAMES', announced, f'{self.path}: announces {announced:,} frames', VideoError)
        self._check_end()
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.fps = Fraction(rate) if rate and 0 < rate < 1e6 else None
        self.time_base = Fraction(self._stream.time_base or 1)
        cut = self._container.format.name in _CUT_ANYWHERE
        times: list[int | None] = []
        keys: list[int] = []
        most = limit('MAX_FRAMES')
        for packet in self._container.demux(self._stream):
            if not packet.size or packet.is_discard:
                continue
            if packet.is_keyframe and packet.pts is not None:
                keys.append(packet.pts)
            if keys or not cut or packet.pts is None:
                times.append(packet.pts)
            if len(times) > most:
                self._check_count(len(times))
        self._timed = bool(keys) and None not in times and len(set(times)) == len(times)
        self._pts: list[int] = []
        self._keys: list[int] = []
        if self._timed:
            self._pts = sorted(t for t in times if t is not None and (not cut or t >= keys[0]))
            self._keys = sorted({*keys, self._pts[0]})

    def _check_end(self) -> None:
        """Raise a VideoError if the container's index lists packets beyond the end of the file."""
        end = max((entry.pos + entry.size for entry in self._stream.index_entries), default=0)
        found = os.path.getsize(self.path)
        if end > found and not self.skip_damaged:
            raise VideoError(
                f'{self.path}: ends after {found:,} bytes, its header announces frames up to byte '
                f'{end:,}; the file is damaged or truncated. Copy it again, or re-encode it.'
            )

    def _count(self) -> int:
        """Number of frames without timestamps, by decoding them."""
        self._open()
        count = 0
        for count, _ in enumerate(self._frames, 1):
            self._check_count(count)
        return count

    def _check_count(self, count: int) -> None:
        check_limit('MAX_FRAMES', count, f'{self.path}: has {count:,} frames or more', VideoError)

    # ------------------------------------------------------------------ the frames

    def _decoded(self) -> Iterator[VideoFrame]:
        """Frames from the current position on; packets that cannot be decoded give none."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except _FAILURES:
                packet = None
            if packet is None:
                return
            try:
                yield from self._stream.decode(packet)
            except _FAILURES as error:
                if not self._timed and not self.skip_damaged:
                    raise VideoError(f'{self.path}: damaged ({_reason(error)}). {_REPAIR}') from None

    def read(self, t: int) -> np.ndarray:
        """Frame ``t``, uint8 (H, W, 3) BGR.

        Raises:
            VideoError: it cannot be decoded, or changes its size.
        """
        if self._owner != os.getpid():  # the decoder's threads are those of the parent
            self._open()
        if self._last is None or self._last[0] != t:
            self._last = t, self._read(t)
        return self._last[1]

    def _read(self, t: int) -> np.ndarray:
        frame = self._find(t)
        if frame is None and self._sought:  # decoders may need more than one keyframe
            self._open()
            frame = self._find(t, seek=False)
        image = self._stand_in(t) if frame is None else self._pixels(frame)
        if image.shape[:2] != self.size:
            raise VideoError(f'{self.path}: the size changes at frame {t}. Re-encode it to one size.')
        return image

    def _find(self, t: int, seek: bool = True) -> VideoFrame | None:
        """Frame ``t``; None if it is missing or damaged."""
        if not self._timed:
            return self._count_to(t)
        wanted = self._pts[t]
        key = self._keys[bisect.bisect_right(self._keys, wanted) - 1]
        if t < self._next or (seek and self._next < self.length and key > self._pts[self._next]):
            self._seek(key)
        for frame in chain((self._ahead,) if self._ahead else (), self._frames):
            self._ahead = None
            if frame.pts is None or frame.pts < wanted:
                continue
            if frame.pts == wanted:
                self._next = t + 1
                return None if frame.is_corrupt else frame
            self._ahead, self._next = frame, bisect.bisect_left(self._pts, frame.pts)
            return None
        self._next = self.length
        return None

    def _seek(self, pts: int) -> None:
        self._sought, self._ahead = True, None
        try:
            self._container.seek(pts, stream=self._stream)
            self._frames = self._decoded()
        except _FAILURES:
            self._open()

    def _count_to(self, t: int) -> VideoFrame | None:
        if t < self._next:
            self._open()
        for frame in self._frames:
            self._next += 1
            if self._next == t + 1:
                return frame
        return None

    def _stand_in(self, t: int) -> np.ndarray:
        """The frame before a damaged one, or an error."""
        time = self.time(t)
        where = f'{self.path}: frame {t}' + ('' if time is None else f' (at {float(time):.3f} s)')
        if not self.skip_damaged:
            raise VideoError(f'{where} is damaged and cannot be decoded. {_REPAIR}')
        if t not in self.damaged:
            self.damaged.add(t)
            count = len(self.damaged)
            if count & (count - 1) == 0:  # 1, 2, 4, 8, ...: a keyframe damages many others
                warnings.warn(
                    f'{where} is damaged and replaced by the frame before it; {count} damaged so far.',
                    stacklevel=5,
                )
        if self._last is not None and self._last[0] == t - 1:
            return self._last[1]
        # the nearest intact one before, or else after
        for other in (*range(t - 1, -1, -1), *range(t + 1, self.length)):
            if other not in self.damaged and (frame := self._find(other)) is not None:
                return self._pixels(frame)
        raise self._unreadable()

    def _pixels(self, frame: VideoFrame) -> np.ndarray:
        self._check_pixels(frame.width, frame.height)
        return oriented(frame.to_ndarray(format='bgr24'), self._matrix)

    def time(self, t: int) -> Fraction | None:
        """When frame ``t`` is shown, in seconds of the file; None when unknown."""
        if self._timed:
            return self._pts[t] * self.time_base
        return t / self.fps if self.fps else None


_REPAIR = 'Copy the file again, or re-encode it; damaged frames are skipped with damaged="skip".'


def _reason(error: Exception) -> str:
    return (str(getattr(error, 'strerror', None) or error).splitlines() or [type(error).__name__])[0][:200]
