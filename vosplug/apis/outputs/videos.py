"""Video outputs: overlay and cutout."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from ...errors import ConfigError
from ...structures import LiveSource, VideoFileSource
from ...structures.video_file import has_pyav
from ...visualization import draw_overlay
from ...visualization.mp4 import open_mp4
from .images import cutout
from .records import AddFrame, TrackedFrame, TrackedVideo

_FPS = 25  # for videos of unknown frame rate


@contextmanager
def open_overlay(path: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """An MP4 of the frames with coloured objects, at the times of the source, with its audio."""
    source = video.source
    audio = source if isinstance(source, VideoFileSource) else None
    with open_mp4(path, video.fps or _FPS, getattr(source, 'time_base', None), audio) as encoder:

        def add(frame: TrackedFrame) -> None:
            encoder.write(draw_overlay(frame.image, frame.result.mask), _time(video, frame))

        yield add


@contextmanager
def open_cutout(path: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """A WebM of the objects, transparent elsewhere."""
    if not has_pyav():
        raise ConfigError(
            'output cutout: a transparent video needs PyAV (pip install av); cutout-png does not.'
        )
    from ...visualization.webm import open_webm

    with open_webm(path, video.fps or _FPS) as write:
        yield lambda frame: write(cutout(frame), _time(video, frame))


def _time(video: TrackedVideo, frame: TrackedFrame) -> Fraction | None:
    """When a frame is shown; None where frames follow each other at a constant rate."""
    return frame.time if isinstance(video.source, VideoFileSource | LiveSource) else None
