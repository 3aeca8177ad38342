"""Records given to a streaming segmentor: video information and frames."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

import cv2
import numpy as np
import torch.nn.functional as F
from torch import Tensor

from ...structures import VideoSource
from ...structures.image_file import check_aspect

Padding = tuple[int, int, int, int]  # left, right, top, bottom, as F.pad takes them
T = TypeVar('T')


@dataclass(frozen=True)
class Geometry:
    """Mapping between the source frame and the working frame.

    Invariant: the working frame is the source frame, resized to ``work``, mirrored if ``flip``, then padded
    on all sides (the odd pixel right and below).

    Attributes:
        source: (H, W) of the video.
        work: (H, W) after resizing.
        padding: left, right, top, bottom, in pixels of the working frame.
        flip: mirrored left to right.
    """

    source: tuple[int, int]
    work: tuple[int, int]
    padding: Padding = (0, 0, 0, 0)
    flip: bool = False

    @classmethod
    def fit(
        cls,
        source: tuple[int, int],
        short_side: int | None = None,
        scale: float = 1.0,
        flip: bool = False,
        divisor: int = 1,
        name: str | None = None,
    ) -> 'Geometry':
        """The geometry of a view.

        Args:
            source: (H, W) of the video.
            short_side: working resolution in pixels; None: the source's own.
            scale: factor on it.
            flip: mirror left to right.
            divisor: the padded sides are multiples of it.
            name: of the video, for messages.

        Raises:
            VideoError: with ``short_side``, the video is narrower than the limit.
        """
        if short_side is not None:
            check_aspect(source, name or 'the video')
        factor = scale * (short_side or min(source)) / min(source)
        height, width = (max(1, round(side * factor)) for side in source)
        dx, dy = -width % divisor, -height % divisor
        padding = (dx // 2, dx - dx // 2, dy // 2, dy - dy // 2)
        return cls(source, (height, width), padding, flip)

    def to_work(self, array: np.ndarray) -> np.ndarray:
        """An image (H, W, 3) or map (H, W) of the source, resized and mirrored, not padded."""
        if self.work != self.source:
            method = cv2.INTER_AREA if self.work[0] < self.source[0] else cv2.INTER_LINEAR
            array = cv2.resize(array, self.work[::-1], interpolation=method)
        return np.ascontiguousarray(array[:, ::-1]) if self.flip else array

    def pad(self, maps: Tensor) -> Tensor:
        """Maps (..., h, w) of the working resolution, padded with 0."""
        return F.pad(maps, self.padding) if any(self.padding) else maps

    def unpad(self, maps: Tensor) -> Tensor:
        """Padded maps (..., H, W) without the padding."""
        left, _, top, _ = self.padding
        return maps[..., top : top + self.work[0], left : left + self.work[1]]

    def to_source(self, maps: Tensor) -> Tensor:
        """Padded maps (N, H, W) at the source's resolution and orientation."""
        maps = self.unpad(maps)
        if self.flip:
            maps = maps.flip(-1)
        if self.work != self.source:
            maps = F.interpolate(maps[None], self.source, mode='bilinear', align_corners=False)[0]
        return maps


@dataclass(frozen=True, eq=False)
class VideoInfo:
    """Information about a video that is available before its first frame.

    Attributes:
        source: the video. A live one has no frames after the current one.
        geometry: of the view that is segmented; test-time scales and flips are views of their own.
    """

    source: VideoSource
    geometry: Geometry

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the source."""
        return self.source.size

    @property
    def fps(self) -> float | Fraction | None:
        """Frames per second; None where the source does not say."""
        return self.source.fps

    def __deepcopy__(self, memo: dict) -> 'VideoInfo':
        """Return itself: a copied state follows the same video."""
        return self


@dataclass(eq=False, repr=False)
class Frame:
    """One frame of a view.

    Attributes:
        index: in the source, from 0.
        name: such as ``00012``.
        image: the source's, uint8 (H, W, 3) BGR.
        geometry: from the source to :attr:`tensor`.
        normalise: image at the working resolution and padding -> (1, 3, H, W).
    """

    index: int
    name: str
    image: np.ndarray
    geometry: Geometry
    normalise: Callable[[np.ndarray, Padding], Tensor]
    _computed: dict[tuple[int, str], tuple[object, Any]] = field(default_factory=dict, init=False)

    @cached_property
    def tensor(self) -> Tensor:
        """The normalised and padded working frame, float32 (1, 3, H, W) on the model's device."""
        return self.normalise(self.geometry.to_work(self.image), self.geometry.padding)

    def once(self, owner: object, name: str, compute: Callable[[], T]) -> T:
        """Result of ``compute``, which is called once for this frame, owner and name."""
        key = (id(owner), name)
        if key not in self._computed:
            # stored with its owner, whose id could otherwise be reused by another object
            self._computed[key] = owner, compute()
        return self._computed[key][1]
