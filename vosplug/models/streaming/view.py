"""One pass of a segmentor over a video, at one scale and orientation."""

import copy
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from ...structures import ObjectPrompt, VideoSource
from ..contracts import check_returned
from .prompt_masks import PromptMask
from .records import Frame, Padding, VideoInfo

Result = TypeVar('Result')


def with_shared_tensors(state: Any) -> Any:
    """A copy of a state that shares its tensors, which steps replace rather than modify.

    Networks and videos are also shared.
    """
    memo: dict[int, Any] = {}
    todo, seen = [state], set()
    while todo:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Tensor | nn.Module | VideoSource):
            memo[id(part)] = part
        elif isinstance(part, Mapping):
            todo.extend(part.values())
        elif isinstance(part, (list, tuple, set, deque)):
            todo.extend(part)
        else:
            todo.extend(getattr(part, '__dict__', {}).values())
    return copy.deepcopy(state, memo)


def _probabilities(logits: Tensor) -> Tensor:
    """Probabilities of independent objects; an object is absent where its logits are NaN."""
    return logits.sigmoid().nan_to_num(0.0)


class Tracker(Protocol):
    """The steps of a method, and the attributes that a view needs; see :class:`StreamingSegmentor`."""

    skips_prompted_frames: bool
    zero_masks_in_padding: bool

    def start(self, video: VideoInfo) -> Any:
        """State of a new video."""

    def segment(self, state: Any, frame: Frame) -> Tensor:
        """Logits (N, H, W) of the known objects."""

    def remember(self, state: Any, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> None:
        """Update the state with a frame's final probabilities (N, H, W)."""

    def shrink(self, state: Any) -> bool:
        """Halve what a state keeps of past frames; False if it cannot."""

    def fork(self, state: Any) -> Any:
        """An independent copy of a state."""


class View:
    """Carries a method's state through a video and translates between source and working resolution.

    Args:
        tracker: the method.
        video: information about the video, with this view's geometry.
        normalise: see :class:`Frame`.
        aggregate: probabilities (N, H, W), independent per object, to log odds (N+1, H, W).
        shrinks: repeat steps that run out of device memory, with less in the method's memory.
    """

    def __init__(
        self,
        tracker: Tracker,
        video: VideoInfo,
        normalise: Callable[[np.ndarray, Padding], Tensor],
        aggregate: Callable[[Tensor], Tensor],
        shrinks: bool = False,
    ) -> None:
        self.tracker, self.geometry = tracker, video.geometry
        self.normalise, self.aggregate, self.shrinks = normalise, aggregate, shrinks
        self.state = tracker.start(video)
        self.known = 0

    def step(self, index: int, name: str, image: np.ndarray, given: Mapping[int, PromptMask]) -> Tensor:
        """Segment a frame and remember it.

        Args:
            index: of the frame.
            name: of the frame.
            image: uint8 (H, W, 3) BGR at the source's resolution.
            given: object slot -> prompt; new objects continue the slots.

        Returns:
            Tensor: (N+1, H, W) probabilities at the source's resolution, background first.
        """
        frame = Frame(index, name, image, self.geometry, self.normalise)
        probs = self._predict(frame, given)
        if given:
            # predictions are aggregated among themselves before prompts replace them
            probs = self._distribution(probs)[1:]
            self._put(probs, given)
        aggregated = self._distribution(probs)
        prompted = {slot: p.prompt for slot, p in given.items()}
        refined = [slot for slot, p in given.items() if p.refine]
        if refined:
            refine = partial(self._refine, frame, aggregated, prompted, refined)
            probs[refined] = self._within_memory(refine)
            aggregated = self._distribution(probs)
        final = self._to_remember(aggregated)
        self._within_memory(lambda: self.tracker.remember(self.state, frame, final, prompted))
        self.known = len(probs)
        return self.geometry.to_source(aggregated)

    def _predict(self, frame: Frame, given: Mapping[int, PromptMask]) -> Tensor:
        """Probabilities (N, H, W) of all objects; 0 for those that enter in this frame."""
        total = max([self.known, *(slot + 1 for slot in given)])
        probs = frame.tensor.new_zeros(total, *frame.tensor.shape[-2:])
        unprompted = set(range(self.known)) - set(given)
        if unprompted or (self.known and not self.tracker.skips_prompted_frames):
            logits = self._within_memory(lambda: self.tracker.segment(self.state, frame))
            where, shape = f'{type(self.tracker).__name__}.segment:', (self.known, *probs.shape[-2:])
            check_returned(logits, shape, where, 'logits of the padded working frame, (known objects, H, W)')
            probs[: self.known] = _probabilities(logits)
        return probs

    def _refine(
        self, frame: Frame, aggregated: Tensor, prompted: Mapping[int, ObjectPrompt], slots: Sequence[int]
    ) -> Tensor:
        """Probabilities of some objects, segmented by a fork that remembers the prompts' masks."""
        state = self.tracker.fork(self.state)
        self.tracker.remember(state, frame, self._to_remember(aggregated), prompted)
        return _probabilities(self.tracker.segment(state, frame)[slots])

    def _within_memory(self, step: Callable[[], Result]) -> Result:
        """Result of a step, repeated with less in the method's memory while the device runs out of memory.

        A failed step may have changed part of the state, so steps work on a copy that shares its tensors.
        """
        if not self.shrinks:
            return step()
        while True:
            before = self.state
            self.state = with_shared_tensors(before)
            try:
                return step()
            except torch.OutOfMemoryError:
                self.state = before
                if not self.tracker.shrink(before):
                    raise
                print_log(
                    f'{type(self.tracker).__name__}: out of memory, so its memory of past frames is halved.',
                    logger='current',
                    level=logging.WARNING,
                )
            # only here are the failed step's tensors free
            torch.cuda.empty_cache()

    def _distribution(self, probs: Tensor) -> Tensor:
        return self.aggregate(probs).softmax(0)

    def _to_remember(self, aggregated: Tensor) -> Tensor:
        probs = aggregated[1:]
        if self.tracker.zero_masks_in_padding:
            probs = self.geometry.pad(self.geometry.unpad(probs))
        return probs

    def _put(self, probs: Tensor, given: Mapping[int, PromptMask]) -> None:
        """Replace predictions by prompts in place; other objects become 0 where a prompt is."""
        masks = {
            slot: self.geometry.pad(torch.from_numpy(self.geometry.to_work(p.mask)).to(probs))
            for slot, p in given.items()
        }
        taken = torch.stack(list(masks.values())).amax(0) > 0.5
        probs *= ~taken
        for slot, mask in masks.items():
            probs[slot] = mask
