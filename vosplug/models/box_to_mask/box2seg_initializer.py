"""Box2Seg as a box-to-mask model."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from ...registry import MODELS
from ..build import build_trained
from .base import Frames, NetworkBoxToMask
from .box2seg import Box2Seg
from .crop_masks import check_batch_size, crop_masks


@MODELS.register_module()
class Box2SegInitializer(NetworkBoxToMask):
    """Masks from boxes by Box2Seg, frame by frame (Voigtlaender et al. 2021, Sec. 3.1).

    Args:
        config: of :class:`~vosplug.models.Box2Seg`: a path, the path of a shipped config, or the name of a
            model that comes with vosplug; or the network itself.
        checkpoint: its weights; not needed with a name.
        refine: see :class:`BoxToMask`.
        inside_box: set the mask to 0 outside the box.
        batch_size: crops at a time, in :meth:`batched`.

    Raises:
        ConfigError: no such config or name, one of another model, or one without weights; ``batch_size``
            below 1.
        CheckpointError: the checkpoint does not fit.
    """

    def __init__(
        self,
        config: str | Path | Box2Seg,
        checkpoint: str | Path | None = None,
        refine: bool = False,
        inside_box: bool = True,
        batch_size: int = 16,
    ) -> None:
        check_batch_size(batch_size, 'Box2SegInitializer')
        network = config if isinstance(config, Box2Seg) else build_trained(config, checkpoint, Box2Seg)
        super().__init__(network, refine)
        self.inside_box, self._batch_size = inside_box, batch_size

    def with_network(self, network: Box2Seg) -> 'Box2SegInitializer':
        """See the base."""
        return Box2SegInitializer(network, None, self.refine, self.inside_box, self._batch_size)

    @property
    def settings(self) -> dict:
        """See the base."""
        return {
            **super().settings,
            'crop': self.network.crop,
            'flip': self.network.flip,
            'crf': self.network.crf_options,
        }

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        return next(self.batched([(frames, t, boxes)]))

    def batched(
        self, requests: Iterable[tuple[Frames, int, Mapping[int, np.ndarray]]]
    ) -> Iterator[np.ndarray]:
        """See the base."""
        return crop_masks(self.network, requests, self._batch_size, self.inside_box)
