"""Testing video by video, scored frame by frame."""

import torch
from mmengine.runner import TestLoop, ValLoop

from ..registry import LOOPS
from ..structures import FrameResult, VideoSample


class _FrameByFrame:
    """Drains each video's stream; nothing of a frame is kept once the metrics have seen it.

    Hooks may define ``after_frame(runner, video, result)``; mmengine calls it for every frame.
    """

    def drain(self, batch: dict) -> None:
        """Segment and score the videos of a batch."""
        streams = self._step(batch)
        for video, stream in zip(batch['data_samples'], streams, strict=True):
            for result in stream:
                self._after_frame(video, result)

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
        self.drain(data_batch)
        self.runner.call_hook('after_test_iter', batch_idx=idx, data_batch=data_batch, outputs=None)

    def _step(self, batch: dict):
        return self.runner.model.test_step(batch)


@LOOPS.register_module()
class VideoValLoop(_FrameByFrame, ValLoop):
    """mmengine's validation loop over videos; an iteration is one video."""

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """See mmengine."""
        self.runner.call_hook('before_val_iter', batch_idx=idx, data_batch=data_batch)
        self.drain(data_batch)
        self.runner.call_hook('after_val_iter', batch_idx=idx, data_batch=data_batch, outputs=None)

    def _step(self, batch: dict):
        return self.runner.model.val_step(batch)
