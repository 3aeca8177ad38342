"""XMem's mask decoder with its sensory update."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...registry import MODELS
from ..blocks import FeatureFusion, ResidualBlock, per_object
from ..memory.sensory import MultiScaleUpdate
from .base_head import BaseMaskHead


@MODELS.register_module()
class SensoryDecodeHead(BaseMaskHead):
    """Decodes the readout, the sensory state and the frame's features, from coarse to fine.

    Cheng & Schwing 2022 (XMem), Sec. 3.2 and its published network.

    Args:
        value_channels: channels of the readout.
        sensory_channels: of the sensory state.
        feature_channels: channels of the frame's features, finest first; the last has the key's stride.
        channels: width at each level, finest first.
        update_channels: inner width of the sensory update.
        propagate: the last channel of the readout is the propagated mask
            (:class:`~vosplug.models.memory.FusionValueEncoder` with ``mask_channel``), and the decoder
            corrects its log odds, initially by zero; the published network has no such channel.
        kwargs: of :class:`BaseMaskHead`.
    """

    def __init__(
        self,
        value_channels: int,
        sensory_channels: int,
        feature_channels: Sequence[int],
        channels: Sequence[int],
        update_channels: int,
        propagate: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.sensory_channels, self.propagate = sensory_channels, propagate
        *finer, coarsest = feature_channels
        widths = list(channels[::-1])
        self.fuse = FeatureFusion(coarsest + value_channels + sensory_channels, widths[0], widths[0])
        self.skips = nn.ModuleList(
            nn.Conv2d(c, w, 3, padding=1) for c, w in zip(finer[::-1], widths, strict=False)
        )
        self.refine = nn.ModuleList(
            ResidualBlock(w, out, skip_kernel=3) for w, out in zip(widths, widths[1:], strict=False)
        )
        self.predict = nn.Conv2d(widths[-1], 1, 3, padding=1)
        self.sensory_update = MultiScaleUpdate(
            [*widths[:-1], widths[-1] + 1], update_channels, sensory_channels
        )
        if propagate:
            nn.init.zeros_(self.predict.weight)
            nn.init.zeros_(self.predict.bias)

    def forward(
        self, features: Sequence[Tensor], read: Tensor, sensory: Tensor, size: tuple[int, int]
    ) -> tuple[Tensor, list[Tensor]]:
        """Logits of every object, and the maps for the update of its sensory state.

        Args:
            features: (B, C_i, H_i, W_i), finest first.
            read: (B, N, Cv, h, w) at the last feature's stride.
            sensory: (B, N, Cs, h, w).
            size: (H, W) of the logits.

        Returns:
            tuple[Tensor, list[Tensor]]: (B, N, H, W), independent per object, and the input of
            :meth:`update_sensory`.
        """
        batch, objects = read.shape[:2]
        x = self.fuse(features[-1], torch.cat([read, sensory], 2))
        maps = [x]
        for skip, refine, feature in zip(self.skips, self.refine, features[-2::-1], strict=True):
            x = F.interpolate(x, feature.shape[-2:], mode='bilinear', align_corners=False)
            x = refine(x + per_object(skip(feature), objects))
            maps.append(x)
        logits = self.predict(F.relu(x))
        if self.propagate:
            odds = torch.logit(read[:, :, -1:].flatten(0, 1), eps=0.02)
            logits = logits + F.interpolate(odds, logits.shape[-2:], mode='bilinear', align_corners=False)
        maps.append(logits)
        logits = F.interpolate(logits, size, mode='bilinear', align_corners=False)
        return logits.squeeze(1).unflatten(0, (batch, objects)), maps

    def update_sensory(self, maps: Sequence[Tensor], sensory: Tensor) -> Tensor:
        """Sensory state (B, N, Cs, h, w) after a frame with these maps, from the previous state."""
        *coarser, finest, logits = maps
        scales = [*coarser, torch.cat([finest, logits], 1)]
        return self.sensory_update(scales, sensory.flatten(0, 1)).unflatten(0, sensory.shape[:2])
