"""Decoder of mask encodings, guided by features of all levels."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from ..blocks import per_object
from .base_head import BaseMaskHead


@MODELS.register_module()
class LWLDecodeHead(BaseMaskHead):
    """Refines an encoding of each object's mask from the coarsest level of features to the finest.

    The decoder of Robinson et al. 2020 (FRTM, Sec. 3.3), as Bhat et al. 2020 (LWL) and Zhao et al. 2021, Sec.
    3.5, adopt it.

    Args:
        in_channels: of the backbone's levels, finest first.
        encoding_channels: E of the encodings.
        channels: of the decoder at each level.
        interpolation: of the two upsampling steps after the finest level, ``'bicubic'`` as in the authors'
            code, or ``'bilinear'``, which is faster on a CPU.
        kwargs: of :class:`BaseMaskHead`.

    Raises:
        ConfigError: another interpolation.
    """

    def __init__(
        self,
        in_channels: Sequence[int] = (256, 512, 1024, 2048),
        encoding_channels: int = 16,
        channels: Sequence[int] = (64, 128, 128, 256),
        interpolation: str = 'bicubic',
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if interpolation not in ('bicubic', 'bilinear'):
            raise ConfigError(
                f"LWLDecodeHead.interpolation: found {interpolation!r}, expected 'bicubic' or 'bilinear'."
            )
        self.interpolation = interpolation
        coarser = [*channels[1:], None]
        sizes = reversed(list(zip(in_channels, channels, coarser, strict=True)))
        self.levels = nn.ModuleList(_Level(c, encoding_channels, own, deep) for c, own, deep in sizes)
        self.reduce = nn.Conv2d(channels[0], channels[0] // 2, 3, padding=1)
        self.predict = nn.Conv2d(channels[0] // 2, 1, 3, padding=1)

    def forward(self, features: Sequence[Tensor], encodings: Tensor, size: tuple[int, int]) -> Tensor:
        """Logits (K, N, H, W) of every object.

        Args:
            features: of K frames, (K, C_i, H_i, W_i), finest first.
            encodings: (K, N, E, h, w).
            size: (H, W) of the output.
        """
        frames, objects = encodings.shape[:2]
        x = None
        for level, feature in zip(self.levels, reversed(features), strict=True):
            x = level(feature, encodings, x)
        height, width = x.shape[-2:]
        x = F.relu(self.reduce(_resize(x, (2 * height, 2 * width), self.interpolation)))
        x = _resize(x, size, self.interpolation)
        return self.predict(x).squeeze(1).unflatten(0, (frames, objects))


class _Level(BaseModule):
    """One level: features and encodings, with channel attention from the coarser level."""

    def __init__(self, in_channels: int, encodings: int, channels: int, coarser: int | None) -> None:
        super().__init__()
        both = channels + encodings
        self.reduce = _pointwise(in_channels, channels)
        self.transform = nn.Sequential(
            *(nn.Conv2d(both, both, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(both, both, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(both, channels, 3, padding=1), nn.ReLU()),
        )
        # for the coarser level's output; the coarsest level uses the mean of its own features
        self.project = None if coarser is None else nn.Sequential(nn.Conv2d(coarser, channels, 1), nn.ReLU())
        self.block1 = _RefinementBlock(channels)
        self.attention = _pointwise(2 * channels, channels)
        self.block2 = _RefinementBlock(channels)

    def forward(self, feature: Tensor, encodings: Tensor, coarser: Tensor | None) -> Tensor:
        own = per_object(self.reduce(feature), encodings.shape[1])
        deep = _mean(own) if coarser is None or self.project is None else self.project(coarser)
        encoded = _resize(encodings.flatten(0, 1), feature.shape[-2:])
        x = self.block1(self.transform(torch.cat([own, encoded], 1)))
        attention = self.attention(torch.cat([_mean(x), _mean(deep)], 1)).sigmoid()
        return self.block2(attention * x + _resize(deep, x.shape[-2:]))


class _RefinementBlock(nn.Module):
    """A 1x1 convolution and a residual block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(channels, channels, 1)
        self.block = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.project(x)
        return F.relu(x + self.block(x))


def _pointwise(in_channels: int, channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(in_channels, channels, 1), nn.ReLU(), nn.Conv2d(channels, channels, 1))


def _mean(x: Tensor) -> Tensor:
    return x.mean((-2, -1), keepdim=True)


def _resize(x: Tensor, size: Sequence[int], mode: str = 'bilinear') -> Tensor:
    return F.interpolate(x, tuple(size), mode=mode, align_corners=False)
