"""Key projections."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule, constant_init
from torch import Tensor, nn

from ...registry import MODELS


class _CosineKeys(BaseModule):
    """Common part of the projections to keys of constant length."""

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int,
        scale: float = 15.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.projection = nn.Conv2d(sum(in_channels), out_channels, 1, bias=False)
        nn.init.orthogonal_(self.projection.weight)
        self.log_scale = nn.Parameter(torch.tensor(float(scale)).log())

    def _keys(self, joined: Tensor) -> Tensor:
        return F.normalize(self.projection(joined), dim=1) * self.log_scale.exp()

    @staticmethod
    def _joined(levels: Sequence[Tensor]) -> Tensor:
        size = levels[0].shape[-2:]
        resized = (F.interpolate(level, size, mode='bilinear', align_corners=False) for level in levels)
        return torch.cat([F.normalize(level, dim=1) for level in resized], 1)


@MODELS.register_module()
class CosineKeyProjection(_CosineKeys):
    """Keys of constant length from several backbone levels, so that matching compares directions.

    Every level is normalised before the levels are joined, and the projection starts as a rotation:
    untrained, it matches as well as the backbone's own features do, and ImageNet's do well.

    Args:
        in_channels: channels of the backbone levels used, finest first; keys have the finest one's stride.
        out_channels: of the key.
        scale: initial length of a key; larger makes the softmax over memory sharper.
    """

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Levels (B, C_i, H_i, W_i), finest first, to keys (B, out_channels, H_0, W_0)."""
        return self._keys(self._joined(levels))


@MODELS.register_module()
class ConvKeyProjection(BaseModule):
    """Projects the coarsest level to keys by a 3x3 convolution (Oh et al. 2019, Sec. 3.1).

    Args:
        in_channels: channels of that level.
        out_channels: of the key.
    """

    def __init__(self, in_channels: int, out_channels: int, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.projection = nn.Conv2d(in_channels, out_channels, 3, padding=1)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Levels, finest first, to keys (B, out_channels, h, w) of the last one."""
        return self.projection(levels[-1])


class AnisotropicKey(NamedTuple):
    """Key, shrinkage and selection of frames, each (B, C, h, w); the shrinkage has one channel.

    ``key`` is matched by similarity; ``shrinkage``, at least 1, sharpens the affinity of a memory position;
    ``selection``, in (0, 1), weights the channels for a query position.
    """

    key: Tensor
    shrinkage: Tensor
    selection: Tensor


@MODELS.register_module()
class AnisotropicKeyProjection(BaseModule):
    """Key, shrinkage and selection from the coarsest level (Cheng & Schwing 2022, XMem, Sec. 3.3).

    Args:
        in_channels: channels of that level.
        out_channels: of the key.
    """

    def __init__(self, in_channels: int, out_channels: int, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.key = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.shrinkage = nn.Conv2d(in_channels, 1, 3, padding=1)
        self.selection = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        nn.init.orthogonal_(self.key.weight)
        self.key.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, levels: Sequence[Tensor]) -> AnisotropicKey:
        """Levels, finest first, to the key of the last one."""
        x = levels[-1]
        return AnisotropicKey(self.key(x), self.shrinkage(x).square() + 1, self.selection(x).sigmoid())


@MODELS.register_module()
class CosineAnisotropicKeyProjection(_CosineKeys):
    """Keys of constant length with shrinkage and selection that initially have no effect.

    Args:
        in_channels, out_channels, scale: of :class:`CosineKeyProjection`.
    """

    def __init__(self, in_channels: Sequence[int], out_channels: int, **kwargs: Any) -> None:
        super().__init__(in_channels, out_channels, **kwargs)
        self.shrinkage = nn.Conv2d(sum(in_channels), 1, 1)
        self.selection = nn.Conv2d(sum(in_channels), out_channels, 1)
        # equal for all positions and channels; the shrinkage has no gradient at exactly 0
        constant_init(self.shrinkage, 0, bias=0.1)
        constant_init(self.selection, 0)

    def forward(self, levels: Sequence[Tensor]) -> AnisotropicKey:
        """Levels (B, C_i, H_i, W_i), finest first, to the key at the finest one's size."""
        x = self._joined(levels)
        return AnisotropicKey(self._keys(x), self.shrinkage(x).square() + 1, self.selection(x).sigmoid())
