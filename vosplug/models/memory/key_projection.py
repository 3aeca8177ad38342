"""What frames are matched by."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...registry import MODELS


@MODELS.register_module()
class CosineKeyProjection(BaseModule):
    """Keys of constant length from several backbone levels, so that matching compares directions.

    Every level is normalised before they are joined and rotated at the start, not mixed: an untrained
    projection matches as well as the backbone's own features do, and ImageNet's do well.

    Args:
        in_channels: channels of the backbone levels used, finest first; keys have the finest one's stride.
        out_channels: of the key.
        scale: initial length of a key; larger makes the softmax over memory sharper.
    """

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

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Levels (B, C_i, H_i, W_i), finest first, to keys (B, out_channels, H_0, W_0)."""
        size = levels[0].shape[-2:]
        joined = torch.cat(
            [
                F.normalize(F.interpolate(level, size, mode='bilinear', align_corners=False), dim=1)
                for level in levels
            ],
            1,
        )
        return F.normalize(self.projection(joined), dim=1) * self.log_scale.exp()
