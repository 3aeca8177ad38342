"""Inputs of the outputs: a video, and its frames with their results."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from ...structures import FrameResult, VideoSource, boxes_of_mask


@dataclass(frozen=True, eq=False)
class TrackedVideo:
    """A video whose objects are tracked.

    Attributes:
        name: name of the video, ``'video'`` if it has none.
        source: all of its frames; results are indexed by them.
        fps: tracked frames per second, None when unknown.
    """

    name: str
    source: VideoSource
    fps: float | Fraction | None

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of every frame."""
        return self.source.size


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    """A frame and its result.

    Attributes:
        image: uint8 (H, W, 3) BGR.
        result: result of the frame.
        time: when it is shown, in seconds after the video's first frame; None when unknown.
    """

    image: np.ndarray
    result: FrameResult
    time: Fraction | None

    @cached_property
    def boxes(self) -> dict[int, tuple[int, int, int, int]]:
        """Object id -> tight xyxy box in pixels, right and bottom exclusive; of visible objects."""
        found = boxes_of_mask(self.result.mask)
        return {i: tuple(int(v) for v in box) for i, box in sorted(found.items())}  # type: ignore[misc]

    @cached_property
    def areas(self) -> dict[int, int]:
        """Object id -> area in pixels; of visible objects."""
        counts = np.bincount(self.result.mask.ravel(), minlength=256)
        return {i: int(counts[i]) for i in self.boxes}

    @property
    def objects(self) -> list[int]:
        """Ids of all objects known in the frame, visible or not."""
        return sorted({*self.result.scores, *self.boxes})


AddFrame = Callable[[TrackedFrame], None]


@dataclass(frozen=True)
class Output:
    """A kind of output.

    Attributes:
        target: file or folder in the output folder.
        open: a context manager that yields a function, which takes the frames in order. Files appear when
            they are complete, at the end of a block without an error; those of single frames at once.
        help: short description.
    """

    target: str
    open: Callable[[Path, TrackedVideo], AbstractContextManager[AddFrame]]
    help: str
