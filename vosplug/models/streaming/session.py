"""One video of a stream: ids, prompts, views, post-processing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from torch import Tensor

from ...structures import FrameResult
from ..contracts import check_returned
from .prompt_masks import PromptMasks
from .records import Frame, Geometry, Padding, VideoInfo
from .results import make_result
from .view import Tracker, View


@dataclass(frozen=True, eq=False)
class StreamParts:
    """Components of a stream.

    Attributes:
        tracker: the method.
        normalise: see :class:`Frame`.
        aggregate: see :class:`View`.
        postprocess: applied in order to the averaged probabilities at the source's resolution.
        geometries: one per view.
        shrinks: see :class:`View`.
    """

    tracker: Tracker
    normalise: Callable[[np.ndarray, Padding], Tensor]
    aggregate: Callable[[Tensor], Tensor]
    postprocess: Sequence[Callable[[Frame, Tensor], Tensor]]
    geometries: Sequence[Geometry]
    shrinks: bool = False


class Session:
    """A video that is being segmented.

    Invariant: ``ids`` are the caller's object ids in order of first appearance; an object's index in it is
    its slot in all views throughout the video.

    Args:
        parts: of the stream.
        given: the video and its prompts.
    """

    def __init__(self, parts: StreamParts, given: PromptMasks) -> None:
        self.parts, self.given, self.source = parts, given, given.source
        self.ids: list[int] = []
        self.views = [
            View(parts.tracker, VideoInfo(self.source, g), parts.normalise, parts.aggregate, parts.shrinks)
            for g in parts.geometries
        ]

    def step(self, t: int, return_probs: bool) -> FrameResult:
        """Segment frame ``t``; frames come in order."""
        image, name = self.source[t], self.source.frame_names[t]
        prompts = self.given.prompts.get(t, [])
        self.ids += [p.object_id for p in prompts if p.object_id not in self.ids]
        probs: Tensor | None = None
        if self.ids:
            given = {self.ids.index(i): prompt for i, prompt in self.given.at(t).items()}
            probs = reduce(add, (view.step(t, name, image, given) for view in self.views)) / len(self.views)
            frame = Frame(t, name, image, Geometry(image.shape[:2], image.shape[:2]), self.parts.normalise)
            for process in self.parts.postprocess:
                probs = _processed(process, frame, probs)
        exact = {p.object_id: p.mask for p in prompts if p.mask is not None}
        return make_result(t, name, self.source.size, probs, self.ids, exact, return_probs)


def _processed(process: Callable[[Frame, Tensor], Tensor], frame: Frame, probs: Tensor) -> Tensor:
    processed = process(frame, probs)
    where = f'test_cfg.postprocess: {getattr(process, "__name__", type(process).__name__)}'
    check_returned(processed, probs.shape, where, 'probabilities, background first, (N+1, H, W)')
    return processed
