"""Sensory memory: a small feature map per object, updated in every frame."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...registry import MODELS


@MODELS.register_module()
class GatedUpdate(BaseModule):
    """A GRU-like step: forget gate, update gate and new value from one convolution (Cheng & Schwing 2022).

    Args:
        in_channels: of the input.
        channels: of the state.
    """

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.transform = nn.Conv2d(in_channels + channels, 3 * channels, 3, padding=1)
        nn.init.xavier_normal_(self.transform.weight)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        """Input (B, in_channels, h, w) and state (B, channels, h, w) to the next state."""
        forget, update, value = self.transform(torch.cat([x, state], 1)).chunk(3, 1)
        update = update.sigmoid()
        return forget.sigmoid() * state * (1 - update) + update * value.tanh()


@MODELS.register_module()
class MultiScaleUpdate(BaseModule):
    """Per-frame update from the decoder's maps of all scales.

    Args:
        in_channels: of the maps, coarsest first; the first has the state's size.
        mid_channels: channels to which the maps are projected.
        channels: of the state.
    """

    def __init__(self, in_channels: Sequence[int], mid_channels: int, channels: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(c, mid_channels, 1) for c in in_channels)
        self.update = GatedUpdate(mid_channels, channels)

    def forward(self, maps: Sequence[Tensor], state: Tensor) -> Tensor:
        """Maps (B, C_i, H_i, W_i), coarsest first, and state (B, channels, h, w) to the next state."""
        size = state.shape[-2:]
        taken = sum(
            lateral(F.interpolate(x, size, mode='area'))
            for lateral, x in zip(self.laterals, maps, strict=True)
        )
        return self.update(taken, state)
