"""Necks."""

from collections.abc import Sequence

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ..errors import ConfigError
from ..registry import MODELS


@MODELS.register_module()
class TopDownNeck(BaseModule):
    """Adds coarse features to finer ones and drops the coarsest levels.

    A feature pyramid without output convolutions for unused levels (mmseg.FPN keeps one per level, which
    leaves unused parameters).

    Args:
        in_channels: channels per level, finest first.
        out_channels: channels of the levels kept, finest first.
    """

    def __init__(
        self, in_channels: Sequence[int], out_channels: Sequence[int], init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg or dict(type='Xavier', layer='Conv2d', distribution='uniform'))
        self.in_channels, width = tuple(in_channels), max(out_channels)
        self.laterals = nn.ModuleList(nn.Conv2d(c, width, 1) for c in in_channels)
        self.outputs = nn.ModuleList(nn.Conv2d(width, c, 3, padding=1) for c in out_channels)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Levels (B, C_i, H_i, W_i), finest first, to the ``len(out_channels)`` finest levels.

        Raises:
            ConfigError: levels with other channels than ``in_channels``.
        """
        found = tuple(feature.shape[1] for feature in features)
        if found != self.in_channels:
            raise ConfigError(
                f'TopDownNeck.in_channels: found {self.in_channels}, but the backbone gives levels of '
                f'{found} channels, which must be finest first. Correct in_channels or the backbone.'
            )
        levels = [lateral(f) for lateral, f in zip(self.laterals, features, strict=True)]
        for i in range(len(levels) - 1, 0, -1):
            levels[i - 1] = levels[i - 1] + F.interpolate(
                levels[i], levels[i - 1].shape[-2:], mode='bilinear', align_corners=False
            )
        return [output(level) for output, level in zip(self.outputs, levels, strict=False)]
