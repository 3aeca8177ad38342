"""The mask that a trained network gives."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import nn

from ...registry import MODELS
from .filled_box import FilledBoxInitializer


@MODELS.register_module()
class Box2SegInitializer(FilledBoxInitializer):
    """Box2Seg turns the box into probabilities (Voigtlaender et al. 2021, Sec. 3.1).

    Its weights stay in their own file: they are not among those of the model that it starts.

    Args:
        config: of :class:`~vosplug.models.Box2Seg`, a path or one below the shipped configs.
        checkpoint: its weights.
        refine: see :class:`FilledBoxInitializer`.

    Raises:
        ConfigError: no such config, or one of another model.
        CheckpointError: the checkpoint does not fit.
    """

    def __init__(self, config: str | Path, checkpoint: str | Path, refine: bool = False) -> None:
        super().__init__(refine)
        # in a tuple it is no submodule
        self._network = (_load(config, checkpoint),)

    def _apply(self, fn: Callable, recurse: bool = True) -> 'Box2SegInitializer':
        self._network[0]._apply(fn, recurse)
        return super()._apply(fn, recurse)

    def forward(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """See the base; outside of the box there is nothing."""
        return self._network[0].mask_prob(image, box) * super().forward(image, box)


def _load(config: str | Path, checkpoint: str | Path) -> nn.Module:
    # the engine builds models, too
    from ...engine.checkpoint import load_weights
    from ...engine.runner import load_config
    from ...errors import ConfigError
    from ..segmentors.box2seg import Box2Seg

    network = MODELS.build(load_config(config).model)
    if not isinstance(network, Box2Seg):
        raise ConfigError(f'{config}: builds a {type(network).__name__}; expected a config of Box2Seg.')
    load_weights(network, checkpoint)
    return network.eval()
