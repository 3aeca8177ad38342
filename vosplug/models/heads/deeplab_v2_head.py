"""DeepLabv2's classifier."""

from collections.abc import Sequence
from typing import Any

import torch
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from torch import Tensor, nn

from ...registry import MODELS

# mmseg's default would be looked up in the current scope
CROSS_ENTROPY = dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True)


@MODELS.register_module()
class DeepLabV2Head(BaseDecodeHead):
    """Parallel dilated convolutions whose scores are summed (Chen et al. 2016, DeepLabv2, for VGG16).

    Each branch has VGG16's fully connected layers as convolutions: fc6, 3x3 with a dilation, and fc7, 1x1,
    both followed by dropout. One branch with dilation 12 is the large field of view, four with 6, 12, 18 and
    24 are atrous spatial pyramid pooling. The sum of the branches' classifiers fc8 is one convolution of
    their concatenated features.

    Args:
        dilations: of the branches.
        dropout: after fc6 and fc7; 0.5 in the published prototxt.
        kwargs: of mmseg's ``BaseDecodeHead``; ``channels`` are those of fc6 and fc7, 1024 in DeepLab.
    """

    def __init__(
        self,
        dilations: Sequence[int] = (6, 12, 18, 24),
        dropout: float = 0.5,
        **kwargs: Any,
    ) -> None:
        # fc8 is initialised like mmseg's classifier, by a Gaussian of 0.01, as in DeepLab
        super().__init__(dropout_ratio=0, **{'loss_decode': CROSS_ENTROPY, **kwargs})
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(self.in_channels, self.channels, 3, padding=dilation, dilation=dilation),
                nn.ReLU(inplace=True),
                nn.Dropout(dropout),
                nn.Conv2d(self.channels, self.channels, 1),
                nn.ReLU(inplace=True),
                nn.Dropout(dropout),
            )
            for dilation in dilations
        )
        self.conv_seg = nn.Conv2d(len(dilations) * self.channels, self.out_channels, 1)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Scores (K, classes, h, w) from a backbone's feature levels."""
        x = self._transform_inputs(inputs)
        return self.conv_seg(torch.cat([branch(x) for branch in self.branches], 1))
