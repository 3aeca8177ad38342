"""One video of a stream: ids, prompts, views, post-processing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from torch import Tensor

from ...structures import FrameResult, LastFrameSource, ObjectPrompt, Prompts, VideoSource
from ..box_to_mask.base import BoxToMask
from .records import Frame, Geometry, Padding, VideoInfo
from .results import make_result
from .view import PromptMask, Tracker, View


@dataclass(frozen=True, eq=False)
class StreamParts:
    """What a stream is made of.

    Attributes:
        tracker: the method.
        initializer: box-to-mask model for box prompts.
        normalise: see :class:`Frame`.
        aggregate: see :class:`View`.
        postprocess: applied in order to the averaged probabilities at the source's resolution.
        geometries: one per view.
    """

    tracker: Tracker
    initializer: BoxToMask
    normalise: Callable[[np.ndarray, Padding], Tensor]
    aggregate: Callable[[Tensor], Tensor]
    postprocess: Sequence[Callable[[Frame, Tensor], Tensor]]
    geometries: Sequence[Geometry]


class Session:
    """A video that is being segmented.

    Invariant: ``ids`` are the caller's object ids in order of first appearance; an object's place in it is
    its slot in all views throughout the video.

    Args:
        parts: of the stream.
        source: the video.
        prompts: of the video, checked.
    """

    def __init__(self, parts: StreamParts, source: VideoSource, prompts: Prompts) -> None:
        self.parts, self.source, self.prompts = parts, LastFrameSource(source), prompts
        self.ids: list[int] = []
        self.views = [
            View(parts.tracker, VideoInfo(source.size, source.fps, g), parts.normalise, parts.aggregate)
            for g in parts.geometries
        ]

    def step(self, t: int, return_probs: bool) -> FrameResult:
        """Segment frame ``t``; frames come in order."""
        image, name = self.source[t], self.source.frame_names[t]
        prompts = self.prompts.get(t, [])
        self.ids += [p.object_id for p in prompts if p.object_id not in self.ids]
        probs: Tensor | None = None
        if self.ids:
            given = self._prompt_masks(t, image, prompts)
            probs = reduce(add, (view.step(t, name, image, given) for view in self.views)) / len(self.views)
            frame = Frame(t, name, image, Geometry(image.shape[:2], image.shape[:2]), self.parts.normalise)
            for process in self.parts.postprocess:
                probs = process(frame, probs)
        exact = {p.object_id: p.mask for p in prompts if p.mask is not None}
        return make_result(t, name, self.source.size, probs, self.ids, exact, return_probs)

    def _prompt_masks(
        self, t: int, image: np.ndarray, prompts: Sequence[ObjectPrompt]
    ) -> dict[int, PromptMask]:
        """Slot -> prompt with its mask."""
        boxed = [p for p in prompts if p.kind == 'box']
        masks = {p.object_id: p.mask.astype(np.float32) for p in prompts if p.mask is not None}
        if boxed:
            ids = [p.object_id for p in boxed]
            masks |= dict(zip(ids, self.parts.initializer(self.source, t, self._boxes(ids)), strict=True))
        for p in prompts:
            if p.points is not None:
                masks[p.object_id] = self.parts.initializer.from_points(image, p.points)
        return {
            self.ids.index(p.object_id): PromptMask(
                p, masks[p.object_id], p.kind != 'mask' and self.parts.initializer.refine
            )
            for p in prompts
        }

    def _boxes(self, ids: list[int]) -> dict[int, np.ndarray]:
        """All boxes that the user gave for some objects: frame -> float32 (N, 4), NaN where there is none."""
        boxes: dict[int, np.ndarray] = {}
        for t, prompts in self.prompts.items():
            for p in prompts:
                if p.kind == 'box' and p.object_id in ids:
                    rows = boxes.setdefault(t, np.full((len(ids), 4), np.nan, np.float32))
                    rows[ids.index(p.object_id)] = p.box
        return boxes
