"""Transparent WebM, encoded by PyAV."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ..atomic import atomic_path
from ..errors import VideoError
from .h264 import encoding

_TICK = Fraction(1, 1000)  # WebM's unit of time


@contextmanager
def open_webm(
    path: str | Path, fps: float | Fraction
) -> Iterator[Callable[[np.ndarray, Fraction | None], None]]:
    """Write a WebM whose pixels may be transparent: VP9 with alpha, which browsers play.

    Args:
        path: file to write; it appears when the block ends without an error.
        fps: frames per second.

    Yields:
        Callable: adds a frame, uint8 (H, W, 4) BGRA, all of one size, and the time in seconds when it is
        shown, or None: by the frame rate.

    Raises:
        VideoError: no frames.
        OutputError: the file cannot be written.
    """
    path, rate = Path(path), Fraction(fps).limit_denominator(100_000)
    with (
        atomic_path(path) as partial,
        encoding(path),
        av.open(f'file:{partial.absolute()}', 'w', format='webm') as file,
    ):
        stream = file.add_stream('libvpx-vp9', rate=rate)
        stream.pix_fmt = 'yuva420p'
        stream.options = dict(crf='28', b='0', deadline='realtime', **{'cpu-used': '6', 'row-mt': '1'})
        stream.codec_context.time_base = _TICK
        count, last, start = 0, -1, Fraction(0)

        def add(frame: np.ndarray, time: Fraction | None) -> None:
            nonlocal count, last, start
            if not count:
                stream.height, stream.width = frame.shape[:2]
                start = time or start
            seconds = count / rate if time is None else time - start
            picture = av.VideoFrame.from_ndarray(frame, format='bgra').reformat(format='yuva420p')
            picture.time_base, picture.pts = _TICK, max(round(seconds / _TICK), last + 1)
            count, last = count + 1, picture.pts
            file.mux(stream.encode(picture))

        yield add
        if not count:
            raise VideoError(f'{path}: there are no frames to write.')
        file.mux(stream.encode(None))
