"""Value encoders: memory values from frames and masks."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...registry import MODELS
from ..blocks import FeatureFusion, ResidualBlock, per_object
from .sensory import GatedUpdate


@MODELS.register_module()
class MaskValueEncoder(BaseModule):
    """Encodes the image, an object's mask and the other objects' masks as values (Oh et al. 2019, Sec. 3.1).

    The last value channel is the mask itself, area-averaged: its readout is label propagation, which works
    from the first training step, so the other channels only have to encode corrections.

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
        encoded = _encoded(self.backbone, image, masks, shift=0.5)
        value = self.fuse(torch.cat([encoded, per_object(feature, objects)], 1))
        return torch.cat([value, _reduced(masks, value)], 1).unflatten(0, (batch, objects))


@MODELS.register_module()
class KeyValueEncoder(BaseModule):
    """Encodes the image, an object's mask and the other objects' masks as keys and values per object.

    The memory encoder of Oh et al. 2019, Sec. 3.1: two 3x3 convolutions on one backbone.

    Args:
        backbone: network with 5 input channels whose last output has the key's stride.
        backbone_channels: channels of that output.
        key_channels: of the key.
        out_channels: of the value.
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
        self.key = nn.Conv2d(backbone_channels, key_channels, 3, padding=1)
        self.value = nn.Conv2d(backbone_channels, out_channels, 3, padding=1)

    def forward(self, image: Tensor, feature: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of N objects.

        Args:
            image: normalised (B, 3, H, W).
            feature: the query encoder's; unused, since this encoder sees the image.
            masks: (B, N, H, W) in [0, 1].

        Returns:
            tuple[Tensor, Tensor]: (B, N, C, h, w) and (B, N, Cv, h, w).
        """
        objects = masks.shape[:2]
        encoded = _encoded(self.backbone, image, masks)
        return self.key(encoded).unflatten(0, objects), self.value(encoded).unflatten(0, objects)


@MODELS.register_module()
class FusionValueEncoder(BaseModule):
    """Encodes image and masks as values, with optional deep updates of the sensory state.

    Cheng & Schwing 2022 (XMem), Sec. 3.2 and its published network: the backbone's map is fused with the
    query encoder's feature with attention; the deep update renews the sensory state from the value.

    Args:
        backbone: network with 5 input channels whose last output has the key's stride.
        backbone_channels: channels of that output.
        key_channels: channels of the query encoder's feature it is fused with.
        out_channels: of the value.
        sensory_channels: of the sensory state.
        mask_channel: the last value channel is the mask itself, area-averaged, as in
            :class:`MaskValueEncoder`; the published network has no such channel.
    """

    def __init__(
        self,
        backbone: dict,
        backbone_channels: int,
        key_channels: int,
        out_channels: int,
        sensory_channels: int,
        mask_channel: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.backbone = MODELS.build(backbone)
        self.mask_channel = mask_channel
        self.fuse = FeatureFusion(backbone_channels + key_channels, out_channels, out_channels - mask_channel)
        self.sensory_update = GatedUpdate(out_channels, sensory_channels)

    def forward(
        self, image: Tensor, feature: Tensor, masks: Tensor, sensory: Tensor, deep_update: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Values of N objects and their sensory state.

        Args:
            image: normalised (B, 3, H, W).
            feature: the query encoder's feature of the frame, (B, C, h, w).
            masks: (B, N, H, W) in [0, 1].
            sensory: (B, N, Cs, h, w).
            deep_update: False returns ``sensory`` unchanged.

        Returns:
            tuple[Tensor, Tensor]: (B, N, Cv, h, w) and (B, N, Cs, h, w).
        """
        objects = masks.shape[:2]
        encoded = _encoded(self.backbone, image, masks).unflatten(0, objects)
        value = self.fuse(feature, encoded)
        if self.mask_channel:
            value = torch.cat([value, _reduced(masks, value)], 1)
        if deep_update:
            sensory = self.sensory_update(value, sensory.flatten(0, 1)).unflatten(0, objects)
        return value.unflatten(0, objects), sensory


def _encoded(backbone: nn.Module, image: Tensor, masks: Tensor, shift: float = 0.0) -> Tensor:
    """The backbone's only or last output, (B*N, C, h, w).

    Its input (B*N, 5, H, W) is the image, an object's mask and the other objects' masks; masks minus
    ``shift``.
    """
    others = (masks.sum(1, keepdim=True) - masks).clamp(0, 1)
    planes = torch.stack([masks, others], 2).flatten(0, 1) - shift
    levels = backbone(torch.cat([per_object(image, masks.shape[1]), planes], 1))
    return levels if isinstance(levels, Tensor) else levels[-1]


def _reduced(masks: Tensor, like: Tensor) -> Tensor:
    """Masks (B, N, H, W) averaged to the size of ``like``, (B*N, 1, h, w)."""
    return F.interpolate(masks.flatten(0, 1).unsqueeze(1), like.shape[-2:], mode='area')
