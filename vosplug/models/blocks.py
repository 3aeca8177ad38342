"""Building blocks shared by heads and memories."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with a skip, activation first, no normalisation (Oh et al. 2019, Fig. 3).

    Args:
        in_channels: of the input.
        out_channels: of the output; if they differ, the skip is a convolution.
        skip_kernel: size of that convolution.
    """

    def __init__(self, in_channels: int, out_channels: int, skip_kernel: int = 1) -> None:
        super().__init__()
        self.skip: nn.Module = nn.Identity()
        if in_channels != out_channels:
            self.skip = nn.Conv2d(in_channels, out_channels, skip_kernel, padding=skip_kernel // 2)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) to (B, out_channels, H, W)."""
        return self.skip(x) + self.conv2(F.relu(self.conv1(F.relu(x))))


class ChannelSpatialAttention(nn.Module):
    """Scales channels, then positions, by their maxima and means (Woo et al. 2018, CBAM).

    Args:
        channels: of input and output.
        reduction: of the inner width.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        inner = max(1, channels // reduction)
        self.channel = nn.Sequential(nn.Linear(channels, inner), nn.ReLU(), nn.Linear(inner, channels))
        self.spatial = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same shape."""
        weights = self.channel(x.mean((-2, -1))) + self.channel(x.amax((-2, -1)))
        x = x * weights.sigmoid()[..., None, None]
        pooled = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)
        return x * self.spatial(pooled).sigmoid()


class FeatureFusion(nn.Module):
    """Fuses an object's map with the frame's feature (Cheng et al. 2021, STCN; Cheng & Schwing 2022).

    Args:
        in_channels: of both inputs together.
        mid_channels: between the two blocks.
        out_channels: of the output.
    """

    def __init__(self, in_channels: int, mid_channels: int, out_channels: int) -> None:
        super().__init__()
        self.block1 = ResidualBlock(in_channels, mid_channels, skip_kernel=3)
        self.attention = ChannelSpatialAttention(mid_channels)
        self.block2 = ResidualBlock(mid_channels, out_channels, skip_kernel=3)

    def forward(self, feature: Tensor, maps: Tensor) -> Tensor:
        """Feature (B, C, h, w) and maps (B, N, Cm, h, w) to (B*N, out_channels, h, w)."""
        x = self.block1(torch.cat([per_object(feature, maps.shape[1]), maps.flatten(0, 1)], 1))
        return self.block2(x + self.attention(x))


def per_object(feature: Tensor, objects: int) -> Tensor:
    """Repeat a frame's tensor (B, ...) for each of its objects: (B*N, ...)."""
    return torch.repeat_interleave(feature, objects, 0)
