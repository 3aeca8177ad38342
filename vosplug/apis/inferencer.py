"""Segments a video in one call and writes masks and an overlay video."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from ..errors import OutputError
from ..formats import write_id_mask
from ..formats.output_path import output_path
from ..models import StreamingModel
from ..models.streaming import StreamingSegmentor
from ..structures import FrameResult, ObjectPrompt, VideoLike, VideoSource, open_video
from ..visualization import draw_overlay, write_mp4


class VOSInferencer:
    """Segments videos and writes masks and an overlay video.

    Args:
        model: from :func:`vosplug.apis.init_model`.

    Example:
        >>> VOSInferencer(model)('clip.mp4', {0: [ObjectPrompt(1, box=box)]}, 'out')  # doctest: +SKIP
    """

    def __init__(self, model: StreamingSegmentor | StreamingModel) -> None:
        self.model = model

    def __call__(
        self, source: VideoLike, prompts: Mapping[int, Iterable[ObjectPrompt]], out_dir: str | Path
    ) -> Path:
        """Write ``masks/<frame>.png`` and ``overlay.mp4``.

        Args:
            source: anything :meth:`BaseVideoSegmentor.stream` takes.
            prompts: likewise.
            out_dir: target folder.

        Returns:
            Path: ``out_dir``.

        Raises:
            OutputError: ``out_dir`` is no path.
        """
        source, out_dir = open_video(source), _folder(out_dir)
        frames = self._frames(source, self.model.stream(source, prompts), out_dir / 'masks')
        write_mp4(out_dir / 'overlay.mp4', frames, source.fps or 25)
        return out_dir

    @staticmethod
    def _frames(source: VideoSource, results: Iterator[FrameResult], masks: Path) -> Iterator[np.ndarray]:
        for result in results:
            write_id_mask(output_path(masks, f'{result.name}.png'), result.mask)
            yield draw_overlay(source[result.index], result.mask)


def _folder(path: str | Path) -> Path:
    try:
        if isinstance(path, str | Path) and b'\0' not in os.fsencode(path):
            return Path(path)
    except UnicodeEncodeError:
        pass
    raise OutputError(f'out_dir: found {path!r:.200}, expected the path of a folder to write to.')
