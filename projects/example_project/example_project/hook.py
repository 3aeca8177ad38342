"""A hook that receives every frame of tests and validations."""

import csv
from pathlib import Path

import numpy as np
from mmengine.hooks import Hook

from vosplug.atomic import atomic_path
from vosplug.formats.output_path import output_path
from vosplug.registry import HOOKS
from vosplug.structures import FrameResult, VideoSample


@HOOKS.register_module()
class ObjectAreaHook(Hook):
    """Writes ``<out_dir>/<video>.csv``: the area in pixels and the score of each object in each frame.

    Args:
        out_dir: target folder.
    """

    def __init__(self, out_dir: str) -> None:
        self.out_dir = Path(out_dir)
        self._rows: list[tuple] = []

    def after_frame(self, runner, video: VideoSample, result: FrameResult) -> None:
        """Called by the video loops, after the metrics; a video is complete with its last frame."""
        if result.index == 0:
            self._rows = []
        areas = np.bincount(result.mask.ravel(), minlength=256)
        self._rows += [(result.name, i, areas[i], f'{score:.3f}') for i, score in result.scores.items()]
        if result.index == len(video.source) - 1:
            with atomic_path(self._path(video)) as partial, partial.open('w', newline='') as file:
                csv.writer(file).writerows([('frame', 'object', 'area', 'score'), *self._rows])

    def outputs_digest(self, video: VideoSample) -> str | None:
        """Digest that ``--resume`` compares; None if the file is missing, so the video is tested again."""
        path = self._path(video)
        return path.read_text() if path.is_file() else None

    def _path(self, video: VideoSample) -> Path:
        return output_path(self.out_dir, f'{video.name}.csv')
