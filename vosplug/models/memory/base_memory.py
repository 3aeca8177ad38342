"""Base class of memories: a module with learned parameters, and a state per video."""

from abc import ABCMeta, abstractmethod
from collections.abc import Collection
from typing import Any

from mmengine.model import BaseModule
from torch import Tensor


class BaseMemory(BaseModule, metaclass=ABCMeta):
    """Keys and values of past frames, and their readout.

    Parameters of a memory, if any, are part of the model's state dict. Memory contents live in a state per
    video, so that one memory serves any number of videos.

    Keys are the output of the method's key projection: a tensor (B, C, h, w), or a tuple of such tensors.
    Keys that belong to an object are (B, N, C, h, w). The B videos of a state are clips of a training batch,
    or one video. Objects are slots in order of first appearance; N may grow from one write to the next, but
    never shrinks.
    """

    @abstractmethod
    def new_state(self) -> Any:
        """State of a new video, bounded independently of its length."""

    def new_clip_state(self) -> Any:
        """State of a batch of training clips; it may keep more than that of a video."""
        return self.new_state()

    def shrink(self, state: Any) -> bool:
        """Halve what a video's state keeps, now and later, because the device's memory is full.

        Returns:
            bool: False if there is nothing left to drop.
        """
        return False

    def is_due(self, state: Any, t: int, prompted: Collection[int]) -> bool:
        """Whether :meth:`write` would keep frame ``t``; otherwise its values are not computed."""
        return True

    @abstractmethod
    def write(self, state: Any, t: int, key: Any, values: Tensor, prompted: Collection[int]) -> None:
        """Write a frame; frames come in order, each at most once.

        Args:
            state: of :meth:`new_state` or :meth:`new_clip_state`.
            t: frame index.
            key: of the frame.
            values: (B, N, Cv, h, w) of all objects known so far.
            prompted: slots that are prompted in this frame.
        """

    @abstractmethod
    def readout(self, state: Any, key: Any) -> Tensor:
        """Readout (B, N, Cv, h, w) for a query frame with this key."""
