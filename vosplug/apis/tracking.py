"""Progress and results of tracking."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrackingResult:
    """Files and statistics of a tracked video; it can be used as the path of its folder.

    Attributes:
        out_dir: folder of the files.
        files: name of every output -> its file or folder.
        frames: number of tracked frames.
        seconds: time from the start until all files are written.
        first_frame_s: part of it until the first frame; online adaptation takes most of this time.
        dropped: frames of a live source that were left out, since they came faster than they were tracked.
        damaged: frames that could not be decoded, and were replaced by the preceding ones.
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
    """Progress of tracking.

    Attributes:
        stage: ``'tracking'``, or what is done before, such as training a copy on annotated frames.
        done: number of steps or frames done.
        total: number of all; None for a live source.
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
        result: the result for the frames written.
    """

    def __init__(self, result: TrackingResult) -> None:
        super().__init__(f'tracking interrupted after {result.frames} frames')
        self.result = result


class Clock:
    """Counts and times the frames of a run, and reports progress."""

    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._start, self._tell = time.perf_counter(), on_progress or (lambda progress: None)
        self.count = 0
        self.first_frame_s: float | None = None

    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    def listen(self, stage: str, done: int, total: int) -> None:
        """Report a step before the first frame, or between two frames."""
        self._tell(Progress(stage, done, total, self.seconds(), self.first_frame_s))

    def tell(self, total: int | None) -> None:
        """Report a tracked frame."""
        if self.first_frame_s is None:
            self.first_frame_s = self.seconds()
        self._tell(Progress('tracking', self.count, total, self.seconds(), self.first_frame_s))
