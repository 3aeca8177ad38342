"""Video in, masks out: tracks the objects of videos and writes the results."""

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import OutputError, PromptError
from ..formats.output_path import output_path
from ..models import StreamingModel
from ..models.build import check_tracker
from ..models.streaming import StreamingSegmentor
from ..progress import listening
from ..structures import (
    FrameRange,
    FrameResult,
    LastFrameSource,
    LiveSource,
    ObjectPrompt,
    Prompts,
    VideoLike,
    VideoSource,
    open_input,
)
from .outputs import OUTPUTS, TrackedFrame, TrackedVideo, check_outputs, open_outputs
from .outputs.folder import check_folder, clear_folder, drop_empty_record, write_record
from .shots import ShotFilter
from .tracking import Clock, Progress, TrackingInterrupted, TrackingResult

PromptMap = Mapping[int, Iterable[ObjectPrompt]]


class VOSInferencer:
    """Tracks objects of videos and writes masks, videos, tables and annotations.

    Args:
        model: from :func:`vosplug.apis.init_model`.

    Raises:
        ConfigError: a model that does not track objects, such as Box2Seg.

    Example:
        >>> VOSInferencer(model)('clip.mp4', {0: [ObjectPrompt(1, box=box)]}, 'out')  # doctest: +SKIP
    """

    def __init__(self, model: StreamingSegmentor | StreamingModel) -> None:
        check_tracker(model)
        self.model = model

    def __call__(
        self,
        source: VideoLike | int,
        prompts: PromptMap,
        out_dir: str | Path,
        outputs: Iterable[str] = ('masks', 'overlay'),
        frames: slice | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_cut: str = 'warn',
    ) -> TrackingResult:
        """Track the objects of a video.

        Args:
            source: see :func:`vosplug.structures.open_input`: a file, a folder or pattern of frames, arrays,
                a generator of them, an address such as ``rtsp://camera/1``, the number of a camera.
            prompts: frame of the source -> its prompts.
            out_dir: folder to write to. Outputs of an earlier run there are removed after the first frame.
            outputs: what to write, names of :data:`~vosplug.apis.outputs.OUTPUTS`.
            frames: the frames to track, such as ``slice(100, 200, 2)``.
            on_progress: called after every step.
            on_cut: after a scene cut, for objects that are not prompted again: ``'warn'`` lowers their
                presence, ``'stop'`` removes them, ``'ignore'`` does not look for cuts.

        Raises:
            OutputError: ``out_dir`` is not a path, holds outputs of unknown origin, or cannot be written to.
            ConfigError: an unknown output or ``on_cut``.
            VideoError: the video cannot be read.
            PromptError: prompts of another form, one that does not fit the video, or whose frame is left out
                by ``frames``.
            TrackingInterrupted: Ctrl-C, after the first frame.
        """
        return _drain(self.track(source, prompts, out_dir, outputs, frames, on_progress, on_cut))

    def track_videos(
        self,
        videos: Mapping[str, tuple[VideoLike | int, PromptMap]],
        out_dir: str | Path,
        interleaved: bool = False,
        **options: Any,
    ) -> dict[str, TrackingResult]:
        """Track the objects of several videos with one model, each into a folder of its name.

        Args:
            videos: name -> video and its prompts.
            out_dir: folder to write to.
            interleaved: one frame of each video in turn, as cameras need it; otherwise video after video.
            options: arguments of :meth:`__call__`, for all videos.

        Raises:
            VOSError: see :meth:`__call__`; also a name that is not a valid folder name.
        """
        root = _folder(out_dir)
        runs = {
            name: self.track(source, prompts, output_path(root, name), **options)
            for name, (source, prompts) in videos.items()
        }
        results: dict[str, TrackingResult] = {}
        with ExitStack() as stack:
            for run in runs.values():
                stack.enter_context(closing(run))
            while runs:
                for name, run in list(runs.items()):
                    try:
                        next(run)
                        while not interleaved:
                            next(run)
                    except StopIteration as end:
                        results[name] = end.value
                        del runs[name]
        return {name: results[name] for name in videos}

    def track(
        self,
        source: VideoLike | int,
        prompts: PromptMap,
        out_dir: str | Path,
        outputs: Iterable[str] = ('masks', 'overlay'),
        frames: slice | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_cut: str = 'warn',
    ) -> Generator[FrameResult, None, TrackingResult]:
        """Generator form of :meth:`__call__`; closing it early completes the files of the frames so far.

        Yields:
            FrameResult: result of each written frame, with its index in the source.
        """
        out_dir, names = _folder(out_dir), check_outputs(outputs)
        if prompts:  # another package's model may need none
            prompts = Prompts(prompts)
        targets = [OUTPUTS[name].target for name in names]
        check_folder(out_dir, targets)
        clock = Clock(on_progress)
        opened = open_input(source)
        try:
            view = opened if frames is None else _frame_range(opened, frames)
            # files hold UTF-8, which a file's name need not be
            name = (opened.name or 'video').encode('utf-8', 'replace').decode()
            video = TrackedVideo(name, opened, view.fps)
            shots = ShotFilter(on_cut, prompts, _numbered(view) if self._acts_backwards() else None)
            found = self._results(view, prompts, clock, shots)
            first = next(found, None)
            clear_folder(out_dir, [output.target for output in OUTPUTS.values()])
            write_record(out_dir, targets, complete=False)
            interrupted = False
            with open_outputs(names, out_dir, video) as add:
                try:
                    while first is not None:
                        with _interrupts_wait():
                            add(first)
                            clock.count += 1
                        clock.tell(view.length)
                        yield first.result
                        first = next(found, None)
                except (KeyboardInterrupt, GeneratorExit) as stop:
                    interrupted = isinstance(stop, KeyboardInterrupt)
                    if not clock.count:
                        raise
        except BaseException:
            drop_empty_record(out_dir, targets)
            raise
        finally:
            if isinstance(opened, LiveSource) and opened is not source:
                opened.close()
        result = TrackingResult(
            out_dir=out_dir,
            files={name: out_dir / OUTPUTS[name].target for name in names},
            frames=clock.count,
            seconds=clock.seconds(),
            first_frame_s=clock.first_frame_s or 0.0,
            dropped=getattr(opened, 'dropped', 0),
            damaged=getattr(opened, 'damaged_frames', 0),
            cuts=tuple(shots.cuts),
        )
        facts = {key: getattr(result, key) for key in ('frames', 'dropped', 'damaged', 'cuts')}
        write_record(out_dir, targets, complete=not interrupted, **facts)
        if interrupted:
            raise TrackingInterrupted(result)
        return result

    def _acts_backwards(self) -> bool:
        """Whether the model's prompts act backwards in time."""
        tracker = getattr(self.model, 'tracker', self.model)
        return getattr(tracker, 'direction', 'forward') == 'both'

    def _results(
        self, view: VideoSource, prompts: PromptMap, clock: Clock, shots: ShotFilter
    ) -> Iterator[TrackedFrame]:
        """Frames with their results; indices are those of the whole source."""
        kept = LastFrameSource(view, keep=2)
        if isinstance(view, FrameRange):
            prompts = _shifted(prompts, view)
        results = self.model.stream(kept, prompts)
        while True:
            with listening(clock.listen):  # for this step only: other runs may come between two steps
                result = next(results, None)
            if result is None:
                return
            image, seconds = kept[result.index], kept.timestamp(result.index)
            result = replace(result, index=_original(view, result.index))
            yield TrackedFrame(image, shots(image, result), seconds)


def _drain(run: Generator[FrameResult, None, TrackingResult]) -> TrackingResult:
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def _original(view: VideoSource, t: int) -> int:
    """Index of a frame in the whole source."""
    return view.original(t) if isinstance(view, FrameRange) else t


def _numbered(view: VideoSource) -> Iterator[tuple[int, np.ndarray]]:
    """All frames with their indices in the whole source."""
    return ((_original(view, t), view[t]) for t in view.indices())


def _frame_range(source: VideoSource, frames: slice) -> FrameRange:
    return FrameRange(source, frames.start or 0, frames.stop, 1 if frames.step is None else frames.step)


def _shifted(prompts: PromptMap, view: FrameRange) -> PromptMap:
    """Prompts by their frame's position in a range."""
    shifted = {}
    for t, given in prompts.items():
        k = view.position(t)
        if k is None:
            shown = f'{view.start}:{"" if view.stop is None else view.stop}:{view.step}'
            raise PromptError(
                f'prompt in frame {t}: this frame is not among those tracked, {shown}. Prompt one '
                'of these, or track other frames.'
            )
        shifted[k] = given
    return shifted


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Delay Ctrl-C until the end of the block, so that all outputs hold the same frames."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[tuple] = []
    handler = signal.signal(signal.SIGINT, lambda *args: pending.append(args))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if pending and callable(handler):
        handler(*pending[0])


def _folder(path: str | Path) -> Path:
    try:
        if isinstance(path, str | Path) and b'\0' not in os.fsencode(path):
            return Path(path)
    except UnicodeEncodeError:
        pass
    raise OutputError(f'out_dir: found {path!r:.200}, expected the path of a folder to write to.')
