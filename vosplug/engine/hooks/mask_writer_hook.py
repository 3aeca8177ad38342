"""Hook that writes predicted masks."""

from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...atomic import remove_partials
from ...formats import write_id_mask
from ...formats.output_path import output_path
from ...registry import HOOKS
from ...structures import FrameResult, VideoSample
from ..finished_videos import files_digest


@HOOKS.register_module()
class MaskWriterHook(Hook):
    """Writes every test frame's mask as ``<out_dir>/<video>/<frame>.png``, DAVIS' layout for results.

    Args:
        out_dir: target folder.
    """

    def __init__(self, out_dir: str) -> None:
        self.out_dir = Path(out_dir)

    def before_video(self, runner: Runner, video: VideoSample) -> None:
        """Remove partial files of a killed run; called by :class:`VideoTestLoop`."""
        remove_partials(self._path(video, 'frame').parent, '.png')

    def after_frame(self, runner: Runner, video: VideoSample, result: FrameResult) -> None:
        """Write a mask; called by the video loops."""
        write_id_mask(self._path(video, result.name), result.mask)

    def outputs_digest(self, video: VideoSample) -> str | None:
        """Digest of the mask files of a video; see :class:`VideoTestLoop`."""
        return files_digest(self._path(video, name) for name in video.source.frame_names)

    def _path(self, video: VideoSample, frame: str) -> Path:
        return output_path(self.out_dir, video.name, f'{frame}.png')
