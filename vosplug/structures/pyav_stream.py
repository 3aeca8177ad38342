"""A video on a network, received by PyAV."""

from collections.abc import Iterator
from fractions import Fraction

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ..errors import VideoError
from ..limits import check_limit, limit

# playlists may refer to other addresses, never to local files
_PROTOCOLS = 'http,https,httpproxy,tcp,tls,crypto,rtsp,rtsps,rtp,srtp,udp,rtmp,rtmps,srt'


class PyAVStream:
    """A connection to a video on a network.

    Args:
        address: with its protocol.
        shown: the address as messages show it.
        timeout: seconds to wait for a connection or a frame.

    Attributes:
        fps: frames per second, None when unknown.
        finite: whether it has a length, like a file on a server.

    Raises:
        VideoError: it cannot be reached, has no video, or more pixels than the limit.
    """

    def __init__(self, address: str, shown: str, timeout: float) -> None:
        self.shown = shown
        options = dict(protocol_whitelist=_PROTOCOLS)
        if address.lower().startswith('rtsp'):
            options['rtsp_transport'] = 'tcp'  # packets lost over UDP damage frames
        try:
            self._container = av.open(address, options=options, timeout=timeout)
        except (av.error.FFmpegError, ValueError, UnicodeError) as error:
            reason = getattr(error, 'strerror', None) or str(error)
            raise VideoError(
                f'{shown}: cannot be opened ({reason:.200}). Check the address and the network.'
            ) from None
        stream = self._container.streams.best('video')
        if not isinstance(stream, VideoStream) or stream.codec_context is None:
            raise VideoError(f'{shown}: has no video.')
        self._stream = stream
        context = stream.codec_context
        self._check(context.width, context.height)
        context.options = {'max_pixels': str(limit('MAX_PIXELS'))}
        self.fps = Fraction(stream.average_rate) if stream.average_rate else None
        self.finite = bool(self._container.duration and self._container.duration > 0)
        if not self.finite:
            stream.thread_type = 'SLICE'  # each frame thread adds a frame of latency

    def _check(self, width: int, height: int) -> None:
        check_limit('MAX_PIXELS', width * height, f'{self.shown}: has {width}x{height} pixels', VideoError)

    def frames(self) -> Iterator[tuple[np.ndarray, Fraction | None]]:
        """Frames as they arrive, without damaged ones, and their times in the stream."""
        for packet in self._container.demux(self._stream):
            try:
                decoded = self._stream.decode(packet)
            except av.error.InvalidDataError:
                continue  # until the next keyframe; joining a running stream starts like this
            for frame in decoded:
                self._check(frame.width, frame.height)
                if not frame.is_corrupt:
                    yield frame.to_ndarray(format='bgr24'), _seconds(frame)


def _seconds(frame: VideoFrame) -> Fraction | None:
    return None if frame.pts is None or frame.time_base is None else Fraction(frame.pts * frame.time_base)
