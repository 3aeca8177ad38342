"""The contract of box-to-mask models."""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from mmengine.model import BaseModel
from torch import nn

from ...errors import ConfigError, PromptError
from ...structures import VideoSource

# uint8 (H, W, 3) BGR, all of one size
Frames = Sequence[np.ndarray] | VideoSource


class BoxToMask(nn.Module, metaclass=ABCMeta):
    """Turns boxes into masks: for box prompts, first frames of training clips, and making datasets.

    Args:
        refine: segment a prompted frame again with the mask in memory, and continue from the result; training
            then does the same, so that a model trained with boxes also sees masks in its memory.
    """

    def __init__(self, refine: bool = False) -> None:
        super().__init__()
        self.refine = refine

    def from_points(self, image: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Mask of an object from a user's points, for models that support them.

        Args:
            image: uint8 (H, W, 3) BGR.
            points: float32 (K, 3): x and y in pixels, and 1 on the object, 0 off it.

        Returns:
            np.ndarray: float32 (H, W) probabilities.

        Raises:
            PromptError: the model does not support points.
        """
        raise PromptError(
            f'{type(self).__name__} does not accept points; prompt with a box or a mask, or use an '
            'initializer that accepts points, such as GrabCutInitializer.'
        )

    @property
    def network(self) -> BaseModel | None:
        """The network to fine-tune where manual masks of an object are available; None if there is none."""
        return None

    def with_network(self, network: BaseModel) -> 'BoxToMask':
        """The same model around another network of the same kind as :attr:`network`."""
        raise ConfigError(f'{type(self).__name__}: has no network to fine-tune on manual masks.')

    @property
    def settings(self) -> dict:
        """Everything besides weights that determines the masks, to tell whether they must be recomputed."""
        own = {k: v for k, v in vars(self).items() if not k.startswith('_') and k not in ('training', 'cfg')}
        # of a model built from a config, which may be known by several paths
        model = vars(self).get('cfg', {}).get('model')
        return {'type': type(self).__name__, 'model': model, **own}

    def batched(
        self, requests: Iterable[tuple[Frames, int, Mapping[int, np.ndarray]]]
    ) -> Iterator[np.ndarray]:
        """Outputs of :meth:`forward` for many ``(frames, t, boxes)``, in order; several may run at a time."""
        return (self(*request) for request in requests)

    @abstractmethod
    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """Masks of N objects in frame ``t``.

        Args:
            frames: uint8 (H, W, 3) BGR, all of one size; a list or a
                :class:`~vosplug.structures.VideoSource`, which decodes only the frames that are read.
            t: frame index.
            boxes: frame index -> float32 (N, 4) xyxy in pixels, NaN where an object has no box; in frame
                ``t`` every object has one. A model may use or ignore the other frames.

        Returns:
            np.ndarray: float32 (N, H, W) probabilities; 0 everywhere for a box that does not overlap
            the image (:func:`~vosplug.structures.box_ops.in_image`).
        """


class NetworkBoxToMask(BoxToMask):
    """A box-to-mask model around a trained network.

    The network's weights stay in their own file: they are not in the state dict of an enclosing model.

    Args:
        network: trained.
        refine: see :class:`BoxToMask`.
    """

    def __init__(self, network: BaseModel, refine: bool = False) -> None:
        super().__init__(refine)
        # in a tuple, so that it is not a submodule
        self._network = (network.eval(),)

    @property
    def network(self) -> BaseModel:
        """See the base."""
        return self._network[0]

    def _apply(self, fn: Callable, recurse: bool = True) -> 'NetworkBoxToMask':
        self.network._apply(fn, recurse)
        return super()._apply(fn, recurse)
