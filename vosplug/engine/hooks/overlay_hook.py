"""Predictions as pictures."""

from pathlib import Path

import cv2
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...registry import HOOKS
from ...structures import FrameResult, VideoSample
from ...visualization.overlay import draw_overlay


@HOOKS.register_module()
class OverlayHook(Hook):
    """Writes frames with coloured masks and ids as ``<out_dir>/<video>/<frame>.jpg``.

    Args:
        out_dir: target folder.
        interval: every so many frames.
    """

    def __init__(self, out_dir: str, interval: int = 1) -> None:
        self.out_dir, self.interval = Path(out_dir), interval

    def after_frame(self, runner: Runner, video: VideoSample, result: FrameResult) -> None:
        """Called by the video loops."""
        if result.index % self.interval:
            return
        folder = self.out_dir / video.name
        folder.mkdir(parents=True, exist_ok=True)
        picture = draw_overlay(video.source[result.index], result.mask)
        cv2.imwrite(str(folder / f'{result.name}.jpg'), picture)
