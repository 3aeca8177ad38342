"""Precomputed optical flow from any program."""

from pathlib import Path

import numpy as np

from ...errors import ConfigError, FlowError
from ...files import is_file
from ...formats.flow_file import read_flo
from ...registry import MODELS
from ...structures import VideoSource

DIRECTIONS = ('backward', 'forward')


@MODELS.register_module()
class FlowFiles:
    """Optical flow from ``.flo`` files, such as those of EpicFlow or RAFT.

    Layout: ``<folder>/<video>/<frame>.flo``, or ``<folder>/<frame>.flo`` for a source without a name.
    ``direction`` says what the file of frame ``t`` holds:

    * ``'backward'``: flow from ``t`` to ``t - 1``, as in :class:`FlowProvider`; frame 0 needs no file;
    * ``'forward'``: flow from ``t`` to ``t + 1``, returned unchanged, so its magnitude is valid, but it does
      not point to frame ``t - 1``. The last frame needs no file and gets the flow of the previous one.

    In a video played backwards, the two are swapped.

    Args:
        folder: of the files.
        direction: ``'backward'`` or ``'forward'``.

    Raises:
        ConfigError: another direction.
    """

    def __init__(self, folder: str | Path, direction: str) -> None:
        if direction not in DIRECTIONS:
            raise ConfigError(f'FlowFiles.direction: found {direction!r}, expected one of {DIRECTIONS}.')
        self.folder, self.direction = Path(folder), direction

    def __call__(self, source: VideoSource, t: int) -> np.ndarray:
        """Flow of frame ``t``; see :class:`FlowProvider`.

        Raises:
            FlowError: its file is missing, damaged or of another size than the video.
        """
        last, to_previous = len(source) - 1, (self.direction == 'backward') != source.backwards
        if t == 0 and (to_previous or last == 0):
            return np.zeros((*source.size, 2), np.float32)
        stored = t - 1 if t == last and not to_previous else t
        path = self.folder / (source.name or '') / f'{source.frame_names[stored]}.flo'
        if not is_file(path):
            raise FlowError(
                f'{path}: {self.direction} flow file not found. Expected <folder>/<video>/<frame>.flo for '
                f'every frame but the {"first" if self.direction == "backward" else "last"}.'
            )
        flow = read_flo(path)
        if flow.shape[:2] != source.size:
            raise FlowError(
                f'{path}: the flow is {flow.shape[1]}x{flow.shape[0]}, the video '
                f'{source.size[1]}x{source.size[0]}. Compute it at the resolution of the frames.'
            )
        return flow
