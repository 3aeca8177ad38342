"""HTML report on the tracked objects of a video."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...visualization.video_report import VideoReport
from .records import AddFrame, TrackedFrame, TrackedVideo


@contextmanager
def open_report(path: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """Overlays, scores, presence, speed and memory over time, in one HTML file."""
    report, objects, frames = VideoReport(shown=12), set(), 0
    report.start(video.name, len(video.source) if video.source.random_access else None)

    def add(frame: TrackedFrame) -> None:
        nonlocal frames
        frames += 1
        objects.update(frame.objects)
        report.add(frame.image, frame.result)

    yield add
    height, width = video.size
    numbers = dict(frames=frames, objects=len(objects), size=f'{width}x{height}')
    report.write(path, f'Objects of {video.name}', numbers)
