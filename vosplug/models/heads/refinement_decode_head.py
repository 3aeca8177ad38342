"""Decoder of the original space-time memory network."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...registry import MODELS
from ..blocks import ResidualBlock, per_object
from .base_head import BaseMaskHead


@MODELS.register_module()
class RefinementDecodeHead(BaseMaskHead):
    """Decodes the readout and the query's value level by level (Oh et al. 2019, Sec. 3.3 and Fig. 3).

    Object-independent parts are computed once per frame and shared by its objects.

    Args:
        value_channels: channels of the readout, and of the query's value.
        feature_channels: channels of the query's features, finest first; the last has the key's stride.
        channels: inner width.
        kwargs: of :class:`BaseMaskHead`.
    """

    def __init__(
        self,
        value_channels: int,
        feature_channels: Sequence[int],
        channels: int = 256,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        *finer, coarsest = feature_channels
        self.query_value = nn.Conv2d(coarsest, value_channels, 3, padding=1)
        self.fuse = nn.Conv2d(2 * value_channels, channels, 3, padding=1)
        self.block = ResidualBlock(channels, channels)
        self.skips = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, channels, 3, padding=1), ResidualBlock(channels, channels))
            for c in reversed(finer)
        )
        self.refine = nn.ModuleList(ResidualBlock(channels, channels) for _ in finer)
        self.predict = nn.Conv2d(channels, 2, 3, padding=1)

    def forward(self, features: Sequence[Tensor], read: Tensor, size: tuple[int, int]) -> Tensor:
        """Logits of every object.

        Args:
            features: (B, C_i, H_i, W_i), finest first.
            read: (B, N, Cv, h, w) at the last feature's stride.
            size: (H, W) of the output.

        Returns:
            Tensor: (B, N, H, W), independent per object; the segmentor aggregates them.
        """
        batch, objects = read.shape[:2]
        own = per_object(self.query_value(features[-1]), objects)
        x = self.block(self.fuse(torch.cat([read.flatten(0, 1), own], 1)))
        for skip, refine, feature in zip(self.skips, self.refine, features[-2::-1], strict=True):
            x = F.interpolate(x, feature.shape[-2:], mode='bilinear', align_corners=False)
            x = refine(x + per_object(skip(feature), objects))
        planes = self.predict(F.relu(x))
        # the sigmoid of the difference equals the softmax probability of the second, the object
        logits = F.interpolate(planes[:, 1:] - planes[:, :1], size, mode='bilinear', align_corners=False)
        return logits.squeeze(1).unflatten(0, (batch, objects))
