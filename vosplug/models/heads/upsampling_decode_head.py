"""Decoder that upsamples an object's state to its mask."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmengine.model import xavier_init
from torch import Tensor, nn

from ...registry import MODELS
from ..blocks import per_object
from .base_head import BaseMaskHead


@MODELS.register_module()
class UpsamplingDecodeHead(BaseMaskHead):
    """Upsampling layers, then a logit per pixel (Xu et al. 2018, Sec. 4.3).

    The paper's "upsampling layers with 5x5 kernel size" are implemented as bilinear upsampling by two and a
    convolution with ReLU; all weights are Xavier-initialised.

    Args:
        in_channels: of the state.
        channels: of the layers, each of which upsamples the state by two.
        kernel_size: of all convolutions, odd.
        feature_channels: of the frame's features that are added to the layers through 1x1 convolutions, for
            small networks: those with the strides of the layers' outputs, finest first. The paper's decoder
            sees only the state.
        kwargs: of :class:`BaseMaskHead`.
    """

    def __init__(
        self,
        in_channels: int = 512,
        channels: Sequence[int] = (512, 256, 128, 64, 64),
        kernel_size: int = 5,
        feature_channels: Sequence[int] = (),
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        sizes = zip((in_channels, *channels), channels, strict=False)
        padding = kernel_size // 2
        self.layers = nn.ModuleList(nn.Conv2d(c, out, kernel_size, padding=padding) for c, out in sizes)
        self.skips = nn.ModuleList(
            nn.Conv2d(c, out, 1, bias=False)
            for c, out in zip(reversed(feature_channels), channels, strict=False)
        )
        self.predict = nn.Conv2d(channels[-1], 1, kernel_size, padding=padding)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                xavier_init(module, distribution='uniform')

    def forward(self, state: Tensor, features: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        """Logits (B, N, H, W) of every object.

        Args:
            state: (B, N, C, h, w).
            features: (B, C_i, H_i, W_i), or (B * N, C_i, H_i, W_i), finest first; levels beyond those in
                ``feature_channels`` are not used.
            size: (H, W) of the output.
        """
        batch, objects = state.shape[:2]
        x = state.flatten(0, 1)
        levels = iter(reversed(features[: len(self.skips)]))
        for k, layer in enumerate(self.layers):
            x = F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)
            x = layer(x)
            if k < len(self.skips):
                level = self.skips[k](next(levels))
                x = x + (level if len(level) == len(x) else per_object(level, objects))
            x = F.relu(x)
        x = F.interpolate(self.predict(x), size, mode='bilinear', align_corners=False)
        return x.squeeze(1).unflatten(0, (batch, objects))
