"""Test and validation loops over videos, scored frame by frame."""

import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import torch
from mmengine.dist import is_main_process
from mmengine.runner import TestLoop, ValLoop
from rich.progress import track

from ..registry import LOOPS
from ..structures import FrameResult, VideoSample


class _FrameByFrame:
    """Drains each video's stream; frames are dropped once the metrics have processed them.

    Hooks may define ``after_frame(runner, video, result)``; mmengine calls it for every frame. In a
    terminal each video has a progress bar; the log has one line per video with the estimated time left.
    """

    began: float

    def drain(self, idx: int, batch: dict, streams: list[Iterator[FrameResult]]) -> None:
        """Segment and score the videos of a batch."""
        if idx == 0:
            self.began = time.perf_counter()
        for video, stream in zip(batch['data_samples'], streams, strict=True):
            started, count = time.perf_counter(), f'{idx + 1}/{len(self.dataloader)}'
            hidden = not (is_main_process() and sys.stdout.isatty())
            for result in track(
                stream, f'{count} {video.name}', len(video.source), transient=True, disable=hidden
            ):
                self._after_frame(video, result)
            now = time.perf_counter()
            left = (now - self.began) / (idx + 1) * (len(self.dataloader) - idx - 1)
            self.runner.logger.info(
                f'{count} {video.name}: {len(video.source)} frames, '
                f'{len(video.source) / (now - started):.1f} per second, eta {timedelta(seconds=round(left))}'
            )

    def _after_frame(self, video: VideoSample, result: FrameResult) -> None:
        self.evaluator.process(data_samples=[dict(video=video, result=result)], data_batch=None)
        self.runner.call_hook('after_frame', video=video, result=result)


@LOOPS.register_module()
class VideoTestLoop(_FrameByFrame, TestLoop):
    """mmengine's test loop over videos; an iteration is one video."""

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """See mmengine."""
        self.runner.call_hook('before_test_iter', batch_idx=idx, data_batch=data_batch)
        self.drain(idx, data_batch, self.runner.model.test_step(data_batch))
        self.runner.call_hook('after_test_iter', batch_idx=idx, data_batch=data_batch, outputs=None)


@LOOPS.register_module()
class VideoValLoop(_FrameByFrame, ValLoop):
    """mmengine's validation loop over videos; an iteration is one video."""

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """See mmengine."""
        self.runner.call_hook('before_val_iter', batch_idx=idx, data_batch=data_batch)
        self.drain(idx, data_batch, self.runner.model.val_step(data_batch))
        self.runner.call_hook('after_val_iter', batch_idx=idx, data_batch=data_batch, outputs=None)
