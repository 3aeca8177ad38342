"""The contract of everything that turns boxes into masks."""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from mmengine.model import BaseModel
from torch import nn

from ...errors import ConfigError, PromptError
from ...structures import VideoSource

# of one size, each uint8 (H, W, 3) BGR
Frames = Sequence[np.ndarray] | VideoSource


class BoxToMask(nn.Module, metaclass=ABCMeta):
    """Turns boxes into masks: for box prompts, for the start of training clips, and for making datasets.

    Args:
        refine: segment a prompted frame once more with the mask in memory, and continue from the result;
            training then does the same, so that a model taught by boxes also meets masks in its memory.
    """

    def __init__(self, refine: bool = False) -> None:
        super().__init__()
        self.refine = refine

    def from_points(self, image: np.ndarray, points: np.ndarray) -> np.ndarray:
        """The mask of an object that a user marked by points, for models that can make one.

        Args:
            image: uint8 (H, W, 3) BGR.
            points: float32 (K, 3) x, y in pixels and 1 on the object, 0 off it.

        Returns:
            np.ndarray: float32 (H, W) probabilities.

        Raises:
            PromptError: this model cannot.
        """
        raise PromptError(
            f'{type(self).__name__} takes no points; prompt by a box or a mask, or choose an initializer '
            'that does, such as GrabCutInitializer.'
        )

    @property
    def network(self) -> BaseModel | None:
        """What is trained where masks of an object are at hand to learn from; None: nothing can be."""
        return None

    def with_network(self, network: BaseModel) -> 'BoxToMask':
        """The same model around another network of the kind of :attr:`network`."""
        raise ConfigError(f'{type(self).__name__}: has no network to fine-tune on manual masks.')

    @property
    def settings(self) -> dict:
        """What its masks follow from besides weights, for telling whether they have to be made anew."""
        options = {k: v for k, v in vars(self).items() if not k.startswith('_') and k != 'training'}
        return {'type': type(self).__name__, **options}

    def batched(
        self, requests: Iterable[tuple[Frames, int, Mapping[int, np.ndarray]]]
    ) -> Iterator[np.ndarray]:
        """What :meth:`forward` gives for many ``(frames, t, boxes)``, in order; several may run at a time."""
        return (self(*request) for request in requests)

    @abstractmethod
    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """Masks of N objects in frame ``t``.

        Args:
            frames: uint8 (H, W, 3) BGR, all of one size; a list or a
                :class:`~vosplug.structures.VideoSource`, of which only the frames that are asked for are
                decoded.
            t: frame index.
            boxes: frame index -> float32 (N, 4) xyxy in pixels, NaN where an object has no box; all are known
                in frame ``t``. A model may look at the other frames, or not.

        Returns:
            np.ndarray: float32 (N, H, W) probabilities; 0 everywhere for a box that does not overlap
            the image (:func:`~vosplug.structures.box_ops.in_image`).
        """


class NetworkBoxToMask(BoxToMask):
    """A box-to-mask model around a trained network.

    The network's weights stay in their own file: they are not among those of a model that this is a part of.

    Args:
        network: trained.
        refine: see :class:`BoxToMask`.
    """

    def __init__(self, network: BaseModel, refine: bool = False) -> None:
        super().__init__(refine)
        # in a tuple it is no submodule
        self._network = (network.eval(),)

    @property
    def network(self) -> BaseModel:
        """See the base."""
        return self._network[0]

    def _apply(self, fn: Callable, recurse: bool = True) -> 'NetworkBoxToMask':
        self.network._apply(fn, recurse)
        return super()._apply(fn, recurse)
