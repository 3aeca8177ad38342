"""Hook that writes predicted masks."""

import hashlib
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...errors import AnnotationError
from ...formats import read_id_mask, write_id_mask
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
        write_id_mask(self._path(video, result.name), result.mask)

    def is_written(self, video: VideoSample, masks: str) -> bool:
        """Whether all masks of a video are there, with this digest; see :class:`VideoTestLoop`."""
        digest = hashlib.sha256()
        try:
            for name in video.source.frame_names:
                digest.update(read_id_mask(self._path(video, name)))
        except AnnotationError:
            return False
        return digest.hexdigest() == masks

    def _path(self, video: VideoSample, frame: str) -> Path:
        return output_path(self.out_dir, video.name, f'{frame}.png')
