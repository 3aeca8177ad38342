"""A network in an ONNX file as a box-to-mask model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ...registry import MODELS
from .base import BoxToMask, Frames
from .crop_masks import check_batch_size, crop_masks
from .onnx_network import CPU, ONNXCropNetwork


@MODELS.register_module()
class ONNXBoxInitializer(BoxToMask):
    """Masks from boxes by a network exported to ONNX, frame by frame.

    Gives the same results as :class:`Box2SegInitializer` with the network that was exported. It runs where
    its ``providers`` run, whatever the device of the enclosing model.

    Args:
        file: written by :func:`~vosplug.apis.export_onnx`.
        providers: execution providers of onnxruntime, in order of preference.
        refine: see :class:`BoxToMask`.
        inside_box: set the mask to 0 outside the box.
        batch_size: crops at a time, in :meth:`batched`.

    Raises:
        ConfigError: onnxruntime is missing or too old, or has no such provider; ``batch_size`` below 1.
        CheckpointError: the file is missing, damaged, or was not exported by vosplug.
    """

    def __init__(
        self,
        file: str | Path,
        providers: Sequence[str] = CPU,
        refine: bool = False,
        inside_box: bool = True,
        batch_size: int = 16,
    ) -> None:
        check_batch_size(batch_size, 'ONNXBoxInitializer')
        super().__init__(refine)
        self._onnx = ONNXCropNetwork(file, providers)
        self.inside_box, self._batch_size = inside_box, batch_size

    @property
    def settings(self) -> dict:
        """See the base."""
        # independent of the file's path
        return {
            'type': type(self).__name__,
            'refine': self.refine,
            'inside_box': self.inside_box,
            'file': self._onnx.digest,
        }

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        return next(self.batched([(frames, t, boxes)]))

    def batched(
        self, requests: Iterable[tuple[Frames, int, Mapping[int, np.ndarray]]]
    ) -> Iterator[np.ndarray]:
        """See the base."""
        return crop_masks(self._onnx, requests, self._batch_size, self.inside_box)
