"""Hook that writes a report on a test."""

from collections.abc import Mapping
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...errors import ConfigError
from ...registry import HOOKS
from ...structures import FrameResult, VideoSample
from ...visualization.report import percent
from ...visualization.video_report import VideoReport


@HOOKS.register_module()
class ReportHook(Hook):
    """Writes an HTML report on a test: scores, worst frames, error maps, speed and memory over time.

    Videos that ``--resume`` skips are in the scores only.

    Args:
        out_file: HTML file.

    Raises:
        ConfigError: several processes, each of which would know only its own videos.
    """

    def __init__(self, out_file: str) -> None:
        self.out_file = out_file
        self.report = VideoReport()

    def before_test(self, runner: Runner) -> None:
        """Check that this process has all videos."""
        if runner.world_size > 1:
            raise ConfigError(
                '--report: found several processes, expected one. Test in one process, or omit --report.'
            )

    def before_video(self, runner: Runner, video: VideoSample) -> None:
        """Start a video; called by :class:`VideoTestLoop`."""
        self.report.start(video.name, len(video.source))

    def after_frame(self, runner: Runner, video: VideoSample, result: FrameResult) -> None:
        """Add a frame; called by the video loops."""
        truth = video.annotation.mask(result.index) if video.annotation else None
        self.report.add(video.source[result.index], result, truth)

    def after_test_epoch(self, runner: Runner, metrics: Mapping[str, float] | None = None) -> None:
        """Write the file."""
        scores = {f'{name} (%)': percent(value) for name, value in (metrics or {}).items()}
        self.report.write(self.out_file, f'Test: {Path(runner.cfg.filename or "").stem}', scores)
