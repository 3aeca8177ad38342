"""What a frame and an object's mask leave in memory."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from ...registry import MODELS
from ..heads.blocks import ResidualBlock


@MODELS.register_module()
class MaskValueEncoder(BaseModule):
    """Image, an object's mask and the other objects' masks into a value map (Oh et al. 2019, Sec. 3.1).

    The last value channel is the mask itself, area-averaged: reading it back is label propagation, which
    works from the first training step and leaves the other channels to say what that misses.

    Args:
        backbone: network with 5 input channels whose last output has the key's stride.
        backbone_channels: channels of that output.
        key_channels: channels of the query encoder's feature it is fused with.
        out_channels: of the value, the mask channel included.
    """

    def __init__(
        self,
        backbone: dict,
        backbone_channels: int,
        key_channels: int,
        out_channels: int,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.backbone = MODELS.build(backbone)
        self.fuse = ResidualBlock(backbone_channels + key_channels, out_channels - 1)

    def forward(self, image: Tensor, feature: Tensor, masks: Tensor) -> Tensor:
        """Values of N objects.

        Args:
            image: normalised (B, 3, H, W).
            feature: the query encoder's feature of the frame, (B, C, h, w).
            masks: (B, N, H, W) in [0, 1].

        Returns:
            Tensor: (B, N, Cv, h, w).
        """
        batch, objects = masks.shape[:2]
        others = (masks.sum(1, keepdim=True) - masks).clamp(0, 1)
        inputs = torch.cat(
            [
                image.unsqueeze(1).expand(-1, objects, -1, -1, -1),
                masks.unsqueeze(2) - 0.5,
                others.unsqueeze(2) - 0.5,
            ],
            2,
        ).flatten(0, 1)
        encoded = self.backbone(inputs)
        encoded = encoded[-1] if isinstance(encoded, (tuple, list)) else encoded
        feature = feature.unsqueeze(1).expand(-1, objects, -1, -1, -1).flatten(0, 1)
        value = self.fuse(torch.cat([encoded, feature], 1))
        small = F.interpolate(masks.flatten(0, 1).unsqueeze(1), value.shape[-2:], mode='area')
        return torch.cat([value, small], 1).unflatten(0, (batch, objects))
