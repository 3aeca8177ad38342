"""H.264 in MP4, with the audio of another file, encoded by PyAV."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.stream import VideoStream

from ..errors import OutputError
from ..structures import VideoFileSource
from .audio_copy import AudioCopy

# the first available one is used; not every installation has x264
_CODECS = ('libx264', 'libopenh264', 'h264_videotoolbox', 'h264_mf', 'mpeg4')


@contextmanager
def encoding(path: Path) -> Iterator[None]:
    """Turn an error of FFmpeg into one that names the file.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        yield
    except av.error.FFmpegError as error:
        raise OutputError(
            f'{path}: cannot be written ({error.strerror}). Free space on the disk, or choose another folder.'
        ) from error


class H264Encoder:
    """Encodes frames as H.264 (yuv420p), and copies the audio of another file.

    Args:
        path: path named in messages.
        partial: file to write.
        fps: frames per second.
        time_base: unit of frame times, in seconds.
        audio: video whose audio is copied.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        partial: Path,
        fps: Fraction,
        time_base: Fraction | None,
        audio: VideoFileSource | None,
    ) -> None:
        self.path, self.partial, self.fps = path, partial, fps
        self.time_base = time_base or Fraction(1, 90000)
        self._start: Fraction | None = None  # time of the first frame
        self._last_pts = -1
        self._source = audio
        self._audio: AudioCopy | None = None
        with encoding(path):
            self._container = av.open(
                f'file:{partial.absolute()}', 'w', format='mp4', options=dict(movflags='+faststart')
            )

    def write(self, frame: np.ndarray, time: Fraction | None) -> None:
        """See :class:`~.mp4.Encoder`."""
        with encoding(self.path):
            if self._start is None:
                self._begin(frame, time)
            picture = av.VideoFrame.from_ndarray(frame, format='bgr24')
            picture.time_base = self._stream.codec_context.time_base
            # two frames of a faster source do not share a tick
            picture.pts = self._last_pts + 1
            if time is not None:
                picture.pts = max(picture.pts, round((time - self._start) / self.time_base))
            self._last_pts = picture.pts
            self._container.mux(self._stream.encode(picture))
            if self._audio:
                self._audio.copy_until(self._last_pts * self._stream.codec_context.time_base)

    def _begin(self, frame: np.ndarray, time: Fraction | None) -> None:
        self._start = time or Fraction(0)
        codec = next(name for name in _CODECS if name in av.codecs_available)
        stream: VideoStream = self._container.add_stream(codec, rate=self.fps)
        stream.height, stream.width = frame.shape[:2]
        stream.pix_fmt = 'yuv420p'
        stream.codec_context.time_base = 1 / self.fps if time is None else self.time_base
        if codec == 'libx264':
            stream.options = dict(preset='veryfast', crf='20')
        else:
            stream.bit_rate = max(500_000, int(0.15 * frame.shape[0] * frame.shape[1] * self.fps))
        self._stream = stream
        if self._source is not None:
            self._audio = AudioCopy(self._source, self._container, self._start)

    def close(self) -> int:
        """See :class:`~.mp4.Encoder`."""
        with encoding(self.path):
            self._container.mux(self._stream.encode(None))
            if self._audio:
                self._audio.copy_until(self._last_pts * self._stream.codec_context.time_base + 1 / self.fps)
                self._audio.close()
            self._container.close()
        # moving the index to the file's start fails silently on a full disk
        try:
            with av.open(f'file:{self.partial.absolute()}') as written:
                return written.streams.video[0].frames
        except (av.error.FFmpegError, IndexError):
            return 0

    def abort(self) -> None:
        """See :class:`~.mp4.Encoder`."""
        if self._audio:
            self._audio.close()
        with contextlib.suppress(av.error.FFmpegError):  # the first error is already being raised
            self._container.close()
