"""Clips and frames into normalised, equally sized tensors."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from ..errors import ConfigError
from ..registry import MODELS
from ..structures import VOSDataSample
from ..structures.box_ops import VOID

Padding = tuple[int, int, int, int]  # left, right, top, bottom, as F.pad takes them


@MODELS.register_module()
class VOSDataPreprocessor(BaseDataPreprocessor):
    """Normalise, pad and stack training clips; normalise single frames at test time.

    Args:
        mean: per channel in RGB order, in 0..255; ImageNet's by default.
        std: likewise.
        size_divisor: clips are padded right and below to multiples of it; masks with void.
        pad_colour: what clips and frames are padded with, ``'mean'`` or ``'black'``.

    Raises:
        ConfigError: another ``pad_colour``.
    """

    def __init__(
        self,
        mean: Sequence[float] = (123.675, 116.28, 103.53),
        std: Sequence[float] = (58.395, 57.12, 57.375),
        size_divisor: int = 16,
        pad_colour: str = 'mean',
    ) -> None:
        super().__init__()
        if pad_colour not in ('mean', 'black'):
            raise ConfigError(
                f"VOSDataPreprocessor.pad_colour: found {pad_colour!r}, expected 'mean' or 'black'."
            )
        self.pad_black = pad_colour == 'black'
        self.size_divisor = size_divisor
        self.register_buffer('mean', torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer('std', torch.tensor(std).view(-1, 1, 1), persistent=False)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Stack a batch.

        Args:
            data: ``inputs``, list of uint8 (T, 3, H, W) BGR, and ``data_samples``, list of VOSDataSample.
            training: kept for mmengine's interface.

        Returns:
            dict: ``inputs`` float32 (B, T, 3, H, W) RGB, normalised; ``data_samples`` padded to the same
            H, W and number of object slots (those added are not ``valid``).
        """
        data = self.cast_data(data)
        clips, samples = data['inputs'], data['data_samples']
        height, width = (
            -(-max(clip.shape[d] for clip in clips) // self.size_divisor) * self.size_divisor
            for d in (-2, -1)
        )
        slots = max(sample.valid.numel() for sample in samples)
        inputs = [
            self._normalise_padded(clip, (0, width - clip.shape[-1], 0, height - clip.shape[-2]))
            for clip in clips
        ]
        samples = [self._pad_sample(sample, height, width, slots) for sample in samples]
        return dict(inputs=torch.stack(inputs), data_samples=samples)

    def normalise(self, images: Tensor) -> Tensor:
        """uint8 BGR (..., 3, H, W) to normalised float32 RGB."""
        return (images.flip(-3).float() - self.mean) / self.std

    def _normalise_padded(self, images: Tensor, padding: Padding) -> Tensor:
        if self.pad_black:
            return self.normalise(F.pad(images, padding))
        return F.pad(self.normalise(images), padding)

    def frame(self, image: np.ndarray, padding: Padding = (0, 0, 0, 0)) -> Tensor:
        """One uint8 (H, W, 3) BGR frame as a normalised (1, 3, H, W) tensor on the model's device."""
        tensor = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        return self._normalise_padded(tensor.to(self.mean.device), padding)

    def denormalise(self, images: Tensor) -> Tensor:
        """Normalised RGB back to 0..255 RGB, for losses that read colours."""
        return images * self.std + self.mean

    def _pad_sample(self, sample: VOSDataSample, height: int, width: int, slots: int) -> VOSDataSample:
        extra = slots - sample.valid.numel()
        below, right = height - sample.id_masks.shape[-2], width - sample.id_masks.shape[-1]
        padded = VOSDataSample(metainfo=sample.metainfo)
        padded.set_data(
            dict(
                id_masks=F.pad(sample.id_masks, (0, right, 0, below), value=VOID),
                boxes=F.pad(sample.boxes, (0, 0, 0, extra)),
                visible=F.pad(sample.visible, (0, extra)),
                supervision=F.pad(sample.supervision, (0, extra)),
                valid=F.pad(sample.valid, (0, extra)),
            )
        )
        return padded
