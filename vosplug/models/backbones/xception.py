"""Xception-65 of DeepLab."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmcv.cnn import ConvModule, DepthwiseSeparableConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from .pretrained_layouts import take_names

RELU = dict(type='ReLU')

TIMM = [
    (r'\.stack\.conv(\d)\.', lambda found: f'.convs.{int(found[1]) - 1}.'),
    (r'\.(conv|bn)_dw\.', r'.depthwise_conv.\1.'),
    (r'\.(conv|bn)_pw\.', r'.pointwise_conv.\1.'),
]


class XceptionBlock(nn.Module):
    """Three separable convolutions, usually with a shortcut (Chen et al. 2018, Fig. 4).

    Args:
        in_channels: of the input.
        channels: of the three convolutions' outputs.
        stride: of the third.
        dilation: of all three.
        skip: whether the input is added, through a convolution if shapes differ; such blocks apply the
            activation before each separable convolution, others inside and after it.
        norm_cfg: mmcv's.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int],
        stride: int = 1,
        dilation: int = 1,
        skip: bool = True,
        norm_cfg: dict | None = None,
    ) -> None:
        super().__init__()
        self.skip = skip
        self.shortcut = None
        if skip and (in_channels != channels[-1] or stride != 1):
            self.shortcut = ConvModule(
                in_channels, channels[-1], 1, stride=stride, norm_cfg=norm_cfg, act_cfg=None
            )
        widths = [in_channels, *channels]
        self.convs = nn.ModuleList(
            DepthwiseSeparableConvModule(
                width, out, 3, stride=step, padding=dilation, dilation=dilation, norm_cfg=norm_cfg,
                act_cfg=None if skip else RELU,
            )
            for width, out, step in zip(widths, channels, (1, 1, stride), strict=False)
        )  # fmt: skip

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The block's output, and that of its second convolution, at the input's stride."""
        shortcut = x if self.shortcut is None else self.shortcut(x)
        for k, conv in enumerate(self.convs):
            x = conv(F.relu(x) if self.skip else x)
            if k == 1:
                inner = x
        return (x + shortcut if self.skip else x), inner


@MODELS.register_module()
class Xception65(BaseModule):
    """The modified aligned Xception of DeepLabv3+ (Chen et al., ECCV 2018, Sec. 3.3 and Fig. 4).

    Loads ImageNet weights in timm's layout (``xception65.tf_in1k``) as well as its own.

    Args:
        in_channels: of the input, image first; pretrained weights fill the image channels.
        output_stride: of the last level, 8 or 16; further strides are replaced by dilation.
        middle_blocks: of the middle flow; 8 give Xception-41.
        norm_cfg: mmcv's; None: batch normalisation with the epsilon of timm's weights.
        init_cfg: mmengine's.

    Raises:
        ConfigError: an unsupported output stride.
        CheckpointError: weights of another network.
    """

    def __init__(
        self,
        in_channels: int = 3,
        output_stride: int = 16,
        middle_blocks: int = 16,
        norm_cfg: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if output_stride not in (8, 16):
            raise ConfigError(f'Xception65.output_stride: found {output_stride}, expected 8 or 16.')
        norm = dict(norm_cfg=norm_cfg or dict(type='BN', eps=1e-3))
        self.stem = nn.Sequential(
            ConvModule(in_channels, 32, 3, stride=2, padding=1, **norm),
            ConvModule(32, 64, 3, padding=1, **norm),
        )
        dense = output_stride == 8
        middle = dict(dilation=2 if dense else 1, **norm)
        self.blocks = nn.ModuleList(
            [
                XceptionBlock(64, (128,) * 3, stride=2, **norm),
                XceptionBlock(128, (256,) * 3, stride=2, **norm),
                XceptionBlock(256, (728,) * 3, stride=1 if dense else 2, **norm),
                *(XceptionBlock(728, (728,) * 3, **middle) for _ in range(middle_blocks)),
                XceptionBlock(728, (728, 1024, 1024), **middle),
                XceptionBlock(1024, (1536, 1536, 2048), dilation=2 * middle['dilation'], skip=False, **norm),
            ]
        )
        self._register_load_state_dict_pre_hook(self._from_timm)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (B, in_channels, H, W) to 256 channels at stride 4 and 2048 at the output stride."""
        x = self.stem(x)
        for k, block in enumerate(self.blocks):
            x, inner = block(x)
            if k == 1:
                low = inner
        return low, x

    def _from_timm(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        # the stem and the shortcuts have the same names in both
        if any(key.startswith(f'{prefix}blocks.0.stack.') for key in state):
            take_names(state, self.state_dict(), prefix, TIMM, ['head.'], 'timm Xception-65')
