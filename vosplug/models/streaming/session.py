"""One video of a stream: ids, prompts, views, post-processing."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import numpy as np
from torch import Tensor

from ...structures import FrameResult
from ..contracts import check_returned
from .prompt_masks import PromptMasks
from .records import Frame, Geometry, Padding
from .results import make_result
from .view import View


class Session:
    """A video that is being segmented.

    Invariant: ``ids`` are the caller's object ids in order of first appearance; an object's index in it is
    its slot in all views throughout the video.

    Args:
        given: the video and its prompts.
        views: of the video, whose probabilities are averaged.
        postprocess: applied in order to the averaged probabilities at the source's resolution.
        normalise: see :class:`Frame`.
    """

    def __init__(
        self,
        given: PromptMasks,
        views: Sequence[View],
        postprocess: Sequence[Callable[[Frame, Tensor], Tensor]],
        normalise: Callable[[np.ndarray, Padding], Tensor],
    ) -> None:
        self.given, self.source, self.views = given, given.source, views
        self.postprocess, self.normalise = postprocess, normalise
        self.ids: list[int] = []

    def step(self, t: int, return_probs: bool) -> FrameResult:
        """Segment frame ``t``; frames come in order."""
        image, name = self.source[t], self.source.frame_names[t]
        prompts = self.given.prompts.get(t, [])
        self.ids += [p.object_id for p in prompts if p.object_id not in self.ids]
        probs: Tensor | None = None
        if self.ids:
            given = {self.ids.index(i): prompt for i, prompt in self.given.at(t).items()}
            probs = reduce(add, (view.step(t, name, image, given) for view in self.views)) / len(self.views)
            frame = Frame(t, name, image, Geometry(image.shape[:2], image.shape[:2]), self.normalise)
            for process in self.postprocess:
                shape, probs = probs.shape, process(frame, probs)
                where = f'test_cfg.postprocess: {getattr(process, "__name__", type(process).__name__)}'
                check_returned(probs, shape, where, 'probabilities, background first, (N+1, H, W)')
        exact = {p.object_id: p.mask for p in prompts if p.mask is not None}
        return make_result(t, name, self.source.size, probs, self.ids, exact, return_probs)
