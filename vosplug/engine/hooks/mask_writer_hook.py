"""Hook that writes predicted masks."""

from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...formats import write_id_mask
from ...formats.output_path import output_path
from ...registry import HOOKS
from ...structures import FrameResult, VideoSample


@HOOKS.register_module()
class MaskWriterHook(Hook):
    """Writes every test frame's mask as ``<out_dir>/<video>/<frame>.png``, DAVIS' layout for results.

    Args:
        out_dir: target folder.
    """

    def __init__(self, out_dir: str) -> None:
        self.out_dir = Path(out_dir)

    def after_frame(self, runner: Runner, video: VideoSample, result: FrameResult) -> None:
        """Called by the video loops."""
        write_id_mask(output_path(self.out_dir, video.name, f'{result.name}.png'), result.mask)
