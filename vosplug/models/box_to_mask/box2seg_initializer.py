"""Box2Seg as a box-to-mask model."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from ...registry import MODELS
from ...structures import BoxCrop
from ..build import build_trained
from .base import Frames, NetworkBoxToMask
from .box2seg import Box2Seg
from .filled_box import fill_boxes


@MODELS.register_module()
class Box2SegInitializer(NetworkBoxToMask):
    """Box2Seg turns boxes into probabilities (Voigtlaender et al. 2021, Sec. 3.1), frame by frame.

    Args:
        config: of :class:`~vosplug.models.Box2Seg`: a path, one below the shipped configs, or the name of a
            model that comes with vosplug; or the network.
        checkpoint: its weights; not needed with a name.
        refine: see :class:`BoxToMask`.
        inside_box: nothing outside of its box is the object.
        batch_size: crops at a time, in :meth:`batched`.

    Raises:
        ConfigError: no such config or name, one of another model, or one without weights.
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
        waiting: list[list[tuple[BoxCrop, np.ndarray]]] = []
        for frames, t, boxes in requests:
            image = frames[t]
            crops = [self.network.crop_of(box, image.shape[:2]) for box in boxes[t]]
            waiting.append([(crop, crop.image(image)) for crop in crops])
            if sum(map(len, waiting)) >= self._batch_size:
                yield from self._segmented(waiting)
                waiting = []
        yield from self._segmented(waiting)

    def _segmented(self, requests: list[list[tuple[BoxCrop, np.ndarray]]]) -> Iterator[np.ndarray]:
        """Masks (N, H, W) of each request's crops and their images."""
        images = [image for crops in requests for _, image in crops]
        probs = [
            prob
            for start in range(0, len(images), self._batch_size)
            for prob in self.network.crop_probs(images[start : start + self._batch_size])
        ]
        for crops in requests:
            masks: np.ndarray = np.stack([crop.paste(probs.pop(0)) for crop, _ in crops])
            if self.inside_box:
                masks *= fill_boxes([crop.box for crop, _ in crops], masks.shape[1:])
            yield masks
