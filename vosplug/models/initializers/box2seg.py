"""The mask that a trained network gives."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...registry import MODELS
from .filled_box import FilledBoxInitializer


@MODELS.register_module()
class Box2SegInitializer(FilledBoxInitializer):
    """Box2Seg turns the box into probabilities (Voigtlaender et al. 2021, Sec. 3.1).

    Its weights stay in their own file: they are not among those of the model that it starts.

    Args:
        config: of :class:`~vosplug.models.Box2Seg`: a path, one below the shipped configs, or the name of a
            model that comes with vosplug.
        checkpoint: its weights; not needed with a name.
        refine: see :class:`FilledBoxInitializer`.

    Raises:
        ConfigError: no such config or name, one of another model, or one without weights.
        CheckpointError: the checkpoint does not fit.
    """

    def __init__(
        self, config: str | Path, checkpoint: str | Path | None = None, refine: bool = False
    ) -> None:
        # what builds models imports them
        from ...apis import init_box2seg

        super().__init__(refine)
        # in a tuple it is no submodule
        self._network = (init_box2seg(config, checkpoint),)

    def _apply(self, fn: Callable, recurse: bool = True) -> 'Box2SegInitializer':
        self._network[0]._apply(fn, recurse)
        return super()._apply(fn, recurse)

    def forward(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """See the base; outside of the box there is nothing."""
        return self._network[0].mask_prob(image, box) * super().forward(image, box)
