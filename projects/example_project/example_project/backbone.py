"""A minimal backbone."""

from collections.abc import Sequence

from mmengine.model import BaseModule
from torch import Tensor, nn

from vosplug.registry import MODELS


def conv_block(in_channels: int, out_channels: int) -> nn.Sequential:
    """Two 3x3 convolutions, the first with stride 2."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1),
        nn.GroupNorm(4, out_channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(out_channels, out_channels, 3, padding=1),
        nn.GroupNorm(4, out_channels),
        nn.ReLU(inplace=True),
    )


@MODELS.register_module()
class PlainBackbone(BaseModule):
    """A stem and one block per level, at strides 4, 8, 16 and so on.

    Args:
        channels: of each level, divisible by 4.
        init_cfg: mmengine's.
    """

    def __init__(self, channels: Sequence[int] = (16, 32, 64), init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.stem = conv_block(3, channels[0])
        self.levels = nn.ModuleList(
            conv_block(before, after)
            for before, after in zip((channels[0], *channels), channels, strict=False)
        )

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Levels of (B, 3, H, W) images, finest first."""
        x = self.stem(images)
        levels = []
        for block in self.levels:
            x = block(x)
            levels.append(x)
        return tuple(levels)
