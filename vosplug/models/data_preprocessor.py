"""Data preprocessor for clips and frames."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from ..errors import ConfigError
from ..registry import MODELS
from ..structures import VOSDataSample, pad_fields

Padding = tuple[int, ...]  # left, right, top, bottom, ..., in the order of F.pad


@MODELS.register_module()
class VOSDataPreprocessor(BaseDataPreprocessor):
    """Normalises, pads and stacks training clips; normalises single frames at test time.

    Args:
        mean: per channel in RGB order, in 0..255; ImageNet's by default.
        std: likewise.
        size_divisor: clips are padded at the right and bottom to multiples of it; each field with its
            ``fill``.
        pad_colour: padding colour of clips and frames, ``'mean'`` or ``'black'``.

    Raises:
        ConfigError: an unknown ``pad_colour``, or a ``size_divisor`` below 1.
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
        if size_divisor < 1:
            raise ConfigError(f'VOSDataPreprocessor.size_divisor: found {size_divisor}, expected 1 or more.')
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
            dict: ``inputs`` float32 (B, T, 3, H, W) RGB, normalised; ``data_samples``, whose registered
            fields are padded to the same T (padding frames have the padding colour and are not
            ``annotated``), H, W and number of object slots (padding slots are not ``valid``).
        """
        data = self.cast_data(data)
        clips, samples = data['inputs'], data['data_samples']
        sizes = dict(
            T=max(map(len, clips)),
            N=max(sample.valid.numel() for sample in samples),
            H=self._divisible(max(clip.shape[-2] for clip in clips)),
            W=self._divisible(max(clip.shape[-1] for clip in clips)),
        )
        inputs = [self._pad_clip(clip, sizes) for clip in clips]
        samples = [pad_fields(sample, sizes) for sample in samples]
        return dict(inputs=torch.stack(inputs), data_samples=samples)

    def _divisible(self, size: int) -> int:
        return -(-size // self.size_divisor) * self.size_divisor

    def normalise(self, images: Tensor) -> Tensor:
        """uint8 BGR (..., 3, H, W) to normalised float32 RGB."""
        return (images.flip(-3).float() - self.mean) / self.std

    def _normalise_padded(self, images: Tensor, padding: Padding) -> Tensor:
        if self.pad_black:
            return self.normalise(F.pad(images, padding))
        return F.pad(self.normalise(images), padding)

    def _pad_clip(self, clip: Tensor, sizes: dict[str, int]) -> Tensor:
        below, right = sizes['H'] - clip.shape[-2], sizes['W'] - clip.shape[-1]
        return self._normalise_padded(clip, (0, right, 0, below, 0, 0, 0, sizes['T'] - len(clip)))

    def frame(self, image: np.ndarray, padding: Padding = (0, 0, 0, 0)) -> Tensor:
        """One uint8 (H, W, 3) BGR frame as a normalised (1, 3, H, W) tensor on the model's device."""
        tensor = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        return self._normalise_padded(tensor.to(self.mean.device), padding)

    def denormalise(self, images: Tensor) -> Tensor:
        """Convert normalised RGB back to 0..255 RGB."""
        return images * self.std + self.mean

    def colours(self, clips: Tensor, samples: Sequence[VOSDataSample], first: int = 0) -> Tensor:
        """RGB in 0..255, for losses that use colours.

        Args:
            clips: of a batch, normalised (B, T, 3, H, W).
            samples: of the batch.
            first: position of the first of the T frames in its clip.

        Returns:
            Tensor: (B, T, 3, H, W), NaN where the clips were padded.
        """
        colours = self.denormalise(clips)
        for clip, sample in zip(colours, samples, strict=True):
            height, width = sample.img_shape
            padded = clip[len(sample.frame_names) - first :], clip[..., height:, :], clip[..., width:]
            for part in padded:
                part.fill_(torch.nan)
        return colours
