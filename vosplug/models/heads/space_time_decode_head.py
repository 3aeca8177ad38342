"""Decoder of the small space-time memory networks."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...registry import MODELS
from ..blocks import ResidualBlock, per_object
from .base_head import BaseMaskHead


@MODELS.register_module()
class SpaceTimeDecodeHead(BaseMaskHead):
    """Decodes the readout and the query's features into one logit per object and pixel.

    After Oh et al. 2019, Sec. 3.3. Object-independent parts are computed once per frame and shared by its
    objects. The last channel of the readout is the propagated mask
    (:class:`~vosplug.models.memory.MaskValueEncoder`); the decoder corrects its log odds, initially by zero.

    Args:
        value_channels: channels of the readout.
        feature_channels: channels of the query's features, finest first; the last has the key's stride.
        channels: inner width.
        kwargs: of :class:`BaseMaskHead`.
    """

    def __init__(
        self,
        value_channels: int,
        feature_channels: Sequence[int],
        channels: int = 64,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        *finer, coarsest = feature_channels
        self.fuse_feature = nn.Conv2d(coarsest, channels, 3, padding=1)
        self.fuse_value = nn.Conv2d(value_channels, channels, 3, padding=1, bias=False)
        self.block = ResidualBlock(channels, channels)
        self.skips = nn.ModuleList(nn.Conv2d(c, channels, 3, padding=1) for c in reversed(finer))
        self.refine = nn.ModuleList(ResidualBlock(channels, channels) for _ in finer)
        self.predict = nn.Conv2d(channels, 1, 3, padding=1)
        nn.init.zeros_(self.predict.weight)
        nn.init.zeros_(self.predict.bias)

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
        x = self.fuse_value(read.flatten(0, 1)) + per_object(self.fuse_feature(features[-1]), objects)
        x = self.block(x)
        for skip, refine, feature in zip(self.skips, self.refine, features[-2::-1], strict=True):
            x = F.interpolate(x, feature.shape[-2:], mode='bilinear', align_corners=False)
            x = refine(x + per_object(skip(feature), objects))
        propagated = torch.logit(read[:, :, -1:].flatten(0, 1), eps=0.02)
        x = self.predict(F.relu(x)) + F.interpolate(
            propagated, x.shape[-2:], mode='bilinear', align_corners=False
        )
        x = F.interpolate(x, size, mode='bilinear', align_corners=False)
        return x.squeeze(1).unflatten(0, (batch, objects))
