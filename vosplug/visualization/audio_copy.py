"""Copy of a video's audio into a video of new frames."""

import warnings
from collections.abc import Iterator
from fractions import Fraction

import av
import av.error
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from ..structures import VideoFileSource

_COPIED = {'aac', 'ac3', 'eac3', 'opus', 'flac', 'alac'}  # the rest becomes AAC
_AAC_RATES = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000}


class AudioCopy:
    """Copies the first audio stream of a video to another container.

    Args:
        source: the video.
        target: container whose header is not written yet.
        start: time of the first new frame, in seconds of the video; audio begins there.
    """

    def __init__(self, source: VideoFileSource, target: OutputContainer, start: Fraction) -> None:
        self._source, self._target = source, target
        self._start = source.start + start
        self._container: InputContainer = av.open(
            f'file:{source.path.absolute()}', options=dict(protocol_whitelist='file')
        )
        self._end = Fraction(0)  # of the audio copied so far
        self._packets: Iterator[Packet] = iter(())
        if self._container.streams.audio:
            stream = self._container.streams.audio[0]
            copied = stream.codec_context.name in _COPIED
            self._packets = self._remuxed(stream) if copied else self._encoded(stream)
            next(self._packets)  # adds the stream

    def copy_until(self, time: Fraction) -> None:
        """Copy the audio up to a time, in seconds after the first new frame."""
        try:
            while self._end < time:
                packet = next(self._packets, None)
                if packet is None:
                    return
                self._end = Fraction(packet.pts * packet.time_base)
                self._target.mux(packet)
        except (av.error.InvalidDataError, av.error.EOFError) as error:
            self._packets = iter(())
            warnings.warn(
                f'{self._source.path}: its audio is damaged after {float(self._end):.1f} s '
                f'({error.strerror}); the rest is left out.',
                stacklevel=2,
            )

    def close(self) -> None:
        """Close the video."""
        self._container.close()

    def _heard(self, stream: av.AudioStream) -> Iterator[Packet]:
        """Packets from the start on."""
        first = int(self._start / stream.time_base)
        if first > 0:
            self._container.seek(first, stream=stream)
        for packet in self._container.demux(stream):
            if packet.pts is not None and packet.size and packet.pts + (packet.duration or 0) > first:
                yield packet

    def _remuxed(self, stream: av.AudioStream) -> Iterator[Packet]:
        added = self._target.add_stream_from_template(stream)
        yield Packet(0)
        shift = round(self._start / stream.time_base)
        for packet in self._heard(stream):
            packet.pts -= shift
            packet.dts = packet.pts
            packet.stream = added
            yield packet

    def _encoded(self, stream: av.AudioStream) -> Iterator[Packet]:
        context = stream.codec_context
        rate = context.sample_rate if context.sample_rate in _AAC_RATES else 48000
        layout = 'mono' if context.layout.nb_channels == 1 else 'stereo'
        added = self._target.add_stream('aac', rate=rate, layout=layout)
        yield Packet(0)
        resampler = av.AudioResampler(format='fltp', layout=layout, rate=rate)
        shift = round(self._start / stream.time_base)
        for packet in self._heard(stream):
            for frame in stream.decode(packet):
                if frame.pts is not None:
                    frame.pts -= shift
                for resampled in resampler.resample(frame):
                    yield from added.encode(resampled)
        yield from added.encode(None)
