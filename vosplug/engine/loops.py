"""Test and validation loops over videos, scored frame by frame."""

import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import torch
from mmengine.dist import is_main_process
from mmengine.evaluator import Evaluator
from mmengine.runner import Runner, TestLoop, ValLoop
from mmengine.runner.amp import autocast
from rich.progress import track

from ..registry import LOOPS
from ..structures import FrameResult, VideoSample
from .finished_videos import FinishedVideos, settings_of
from .video_evaluator import VideoEvaluator
from .video_runner import unwrapped


class _FrameByFrame:
    """Drains each video's stream; frames are dropped once the metrics have processed them.

    Hooks may define ``after_frame(runner, video, result)``; it is called for every frame. In a
    terminal each video has a progress bar; the log has one line per video with the estimated time left.
    """

    began: float
    fp16: bool

    def __init__(
        self, runner: Runner, dataloader: object, evaluator: Evaluator | dict | list, **kwargs
    ) -> None:
        if not isinstance(evaluator, Evaluator):
            evaluator = runner.build_evaluator(evaluator)
        super().__init__(runner, dataloader, VideoEvaluator(evaluator.metrics), **kwargs)

    def drain(self, idx: int, batch: dict, streams: list[Iterator[FrameResult]]) -> None:
        """Segment and score the videos of a batch."""
        if idx == 0:
            self.began = time.perf_counter()
            self.order = list(self.dataloader.sampler)
        at = idx * self.dataloader.batch_size
        for index, video, stream in zip(self.order[at:], batch['data_samples'], streams, strict=False):
            started, count = time.perf_counter(), f'{idx + 1}/{len(self.dataloader)}'
            if not self._segment(index, video, stream, count):
                self.runner.logger.info(f'{count} {video.name}: finished by an earlier run')
                continue
            now = time.perf_counter()
            left = (now - self.began) / (idx + 1) * (len(self.dataloader) - idx - 1)
            self.runner.logger.info(
                f'{count} {video.name}: {len(video.source)} frames, '
                f'{len(video.source) / (now - started):.1f} per second, eta {timedelta(seconds=round(left))}'
            )

    def _segment(self, index: int, video: VideoSample, stream: Iterator[FrameResult], count: str) -> bool:
        """Segment and score a video; False if an earlier run has done so."""
        self._scored(index, video, stream, count)
        return True

    def _scored(
        self, index: int, video: VideoSample, stream: Iterator[FrameResult], count: str
    ) -> list[list]:
        """Segment and score a video; returns the results of each metric."""
        hidden = not (is_main_process() and sys.stdout.isatty())
        title = f'{count} {video.name}'
        with autocast(enabled=self.fp16):
            for result in track(stream, title, len(video.source), transient=True, disable=hidden):
                self.evaluator.process(data_samples=[dict(video=video, result=result)], data_batch=None)
                self.runner.call_hook('after_frame', video=video, result=result)
        return self.evaluator.finish(index)


@LOOPS.register_module()
class VideoTestLoop(_FrameByFrame, TestLoop):
    """mmengine's test loop over videos; an iteration is one video.

    The results of a finished video are stored in ``<work_dir>/finished_videos``. Hooks that write files may
    define ``before_video(runner, video)``, called for videos that are not finished, and
    ``outputs_digest(video) -> str | None``, a digest of a video's files, None if they are incomplete.

    Args:
        resume: take finished videos from there, if model, evaluation settings, video, ground truth and
            outputs are the same.
        kwargs: see mmengine's ``TestLoop``.
    """

    def __init__(self, *args, resume: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.resume = resume

    @cached_property
    def finished(self) -> FinishedVideos:
        """The stored results, opened on first use, since the weights are loaded after the loop is built."""
        folder = Path(self.runner.work_dir) / 'finished_videos'
        return FinishedVideos(folder, settings_of(self.runner.cfg, unwrapped(self.runner.model)))

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """See mmengine."""
        self.runner.call_hook('before_test_iter', batch_idx=idx, data_batch=data_batch)
        self.drain(idx, data_batch, self.runner.model.test_step(data_batch))
        self.runner.call_hook('after_test_iter', batch_idx=idx, data_batch=data_batch, outputs=None)

    def _segment(self, index: int, video: VideoSample, stream: Iterator[FrameResult], count: str) -> bool:
        if self.resume:
            results = self.finished.load(video, self._outputs(video))
            if results is not None:
                self.evaluator.restore(index, results)
                return False
        self.runner.call_hook('before_video', video=video)
        results = self._scored(index, video, stream, count)
        self.finished.save(video, results, self._outputs(video))
        return True

    def _outputs(self, video: VideoSample) -> list[str | None]:
        """Digests of a video's output files, one for each hook that writes some."""
        return [hook.outputs_digest(video) for hook in self.runner.hooks if hasattr(hook, 'outputs_digest')]


@LOOPS.register_module()
class VideoValLoop(_FrameByFrame, ValLoop):
    """mmengine's validation loop over videos; an iteration is one video."""

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """See mmengine."""
        self.runner.call_hook('before_val_iter', batch_idx=idx, data_batch=data_batch)
        self.drain(idx, data_batch, self.runner.model.val_step(data_batch))
        self.runner.call_hook('after_val_iter', batch_idx=idx, data_batch=data_batch, outputs=None)
