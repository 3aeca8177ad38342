"""The prompts of a video as masks."""

from dataclasses import dataclass

import numpy as np

from ...structures import LastFrameSource, ObjectPrompt, Prompts, VideoSource
from ..box_to_mask.base import BoxToMask
from ..contracts import check_returned


@dataclass(frozen=True, eq=False)
class PromptMask:
    """A prompt and its mask.

    Attributes:
        prompt: as given.
        mask: float32 (H, W) probabilities at the source's resolution.
        refine: let the method segment the frame with this mask in memory, and use the result.
    """

    prompt: ObjectPrompt
    mask: np.ndarray
    refine: bool = False


class PromptMasks:
    """The prompts of a video as masks; the initializer makes those of boxes and points on demand.

    Args:
        source: the video.
        prompts: of the video, checked.
        initializer: box-to-mask model for box prompts.
    """

    def __init__(self, source: VideoSource, prompts: Prompts, initializer: BoxToMask) -> None:
        # optical flow also needs the previous frame
        self.source, self.prompts, self.initializer = LastFrameSource(source, keep=2), prompts, initializer

    def at(self, t: int) -> dict[int, PromptMask]:
        """Object id -> prompt in frame ``t`` with its mask."""
        prompts = self.prompts.get(t, [])
        boxed = [p.object_id for p in prompts if p.kind == 'box']
        where = type(self.initializer).__name__
        masks = {p.object_id: p.mask for p in prompts if p.mask is not None}
        if boxed:
            found = self.initializer(self.source, t, self._boxes(boxed))
            shape = (len(boxed), *self.source.size)
            check_returned(found, shape, f'{where}:', 'probabilities, one per box, (N, H, W)', np.ndarray)
            masks |= dict(zip(boxed, found, strict=True))
        for p in prompts:
            if p.points is not None:
                mask = self.initializer.from_points(self.source[t], p.points)
                expected = 'probabilities of the object, (H, W)'
                check_returned(mask, self.source.size, f'{where}.from_points:', expected, np.ndarray)
                masks[p.object_id] = mask
        return {
            p.object_id: PromptMask(
                p,
                masks[p.object_id].astype(np.float32, copy=False),
                refine=p.kind != 'mask' and self.initializer.refine,
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
