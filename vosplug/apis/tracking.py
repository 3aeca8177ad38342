"""Progress and results of tracking."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrackingResult:
    """What tracking a video has written; it stands for its folder as a path does.

    Attributes:
        out_dir: folder of the files.
        files: name of every output -> its file or folder.
        frames: tracked frames.
        seconds: from the start to the last frame.
        first_frame_s: of these, until the first frame; online adaptation takes most of them.
        dropped: frames of a live source that were left out, since they came faster than they were tracked.
        damaged: frames that could not be decoded, and were replaced by the ones before.
        cuts: first frames after scene cuts.
    """

    out_dir: Path
    files: dict[str, Path]
    frames: int
    seconds: float
    first_frame_s: float
    dropped: int = 0
    damaged: int = 0
    cuts: tuple[int, ...] = ()

    @property
    def fps(self) -> float:
        """Frames per second after the first one."""
        return (self.frames - 1) / max(self.seconds - self.first_frame_s, 1e-9) if self.frames > 1 else 0.0

    def __fspath__(self) -> str:
        return str(self.out_dir)

    def __truediv__(self, name: str) -> Path:
        return self.out_dir / name


@dataclass(frozen=True)
class Progress:
    """How far tracking is.

    Attributes:
        stage: ``'tracking'``, or what is done before, such as training a copy on annotated frames.
        done: steps or frames.
        total: None for a live source.
        seconds: since the start.
        first_frame_s: until the first frame; None before it.
    """

    stage: str
    done: int
    total: int | None
    seconds: float
    first_frame_s: float | None = None


class TrackingInterrupted(KeyboardInterrupt):
    """An interrupt (Ctrl-C) that came while a video was tracked; its files end with the last whole frame.

    Attributes:
        result: what is written.
    """

    def __init__(self, result: TrackingResult) -> None:
        super().__init__(f'tracking interrupted after {result.frames} frames')
        self.result = result


class Clock:
    """Counts and times the frames of a run, and tells of them."""

    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._start, self._tell = time.perf_counter(), on_progress or (lambda progress: None)
        self.count = 0
        self.first_frame_s: float | None = None

    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._start

    def listen(self, stage: str, done: int, total: int) -> None:
        """Tell of a step before the first frame, or between two."""
        self._tell(Progress(stage, done, total, self.seconds(), self.first_frame_s))

    def tell(self, total: int | None) -> None:
        """Tell of a frame."""
        if self.first_frame_s is None:
            self.first_frame_s = self.seconds()
        self._tell(Progress('tracking', self.count, total, self.seconds(), self.first_frame_s))
