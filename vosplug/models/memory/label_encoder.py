"""Features and label encoders of the filter learner."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...registry import MODELS


@MODELS.register_module()
class FilterFeatures(BaseModule):
    """Features that filters are learned on: a convolution, scaled to unit energy per filter window.

    Args:
        in_channels: of the backbone's level.
        channels: C of the output; 512 in Zhao et al. 2021, Sec. 3.5, and in LWL.
        filter_size: side k of the filters that the features are for: their mean square is ``1 / (C k^2)``.
    """

    def __init__(self, in_channels: int, channels: int = 512, filter_size: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        self.scale = (channels * filter_size**2) ** -0.5

    def forward(self, x: Tensor) -> Tensor:
        """(K, Cin, h, w) to (K, C, h, w)."""
        x = self.conv(x)
        energy = x.square().mean((1, 2, 3), keepdim=True)
        # 1e-5 added to the sum of squares
        return x * self.scale * (energy + 1e-5 / x[0].numel()).rsqrt()


@MODELS.register_module()
class MaskLabelEncoder(BaseModule):
    """Encodes masks as labels and weights of a filter learner, at stride 16.

    Bhat et al. 2020 (LWL), Sec. 3.4; the secondary object encoder of Zhao et al. 2021, eq. 3. Weights are
    initially 1, as in the authors' code.

    Args:
        channels: of the layers; the last are those of labels and weights.
    """

    label_norm = False

    def __init__(self, channels: tuple[int, int, int, int] = (16, 32, 64, 16)) -> None:
        super().__init__(dict(type='Constant', val=0, bias=1, override=dict(name='weights')))
        stem, middle, top, labels = channels
        self.stem = nn.Conv2d(1, stem, 3, stride=2, padding=1)
        self.block1 = _Block(stem, middle, stride=2)
        self.block2 = _Block(middle, top, stride=2)
        norm = nn.BatchNorm2d(labels) if self.label_norm else nn.Identity()
        self.labels = nn.Sequential(nn.Conv2d(top, labels, 3, padding=1), norm, nn.ReLU())
        self.weights = nn.Conv2d(top, labels, 3, padding=1)

    def forward(self, masks: Tensor) -> tuple[Tensor, Tensor]:
        """Labels, 0 or more, and weights of masks (K, H, W) in [0, 1]: (K, F, h, w) each."""
        x = self.encode(masks)
        return self.labels(x), self.weights(x)

    def encode(self, masks: Tensor) -> Tensor:
        """Maps (K, C, h, w) of masks (K, H, W)."""
        x = F.max_pool2d(F.relu(self.stem(masks.unsqueeze(1))), 3, stride=2, padding=1)
        return self.block2(self.block1(x))


@MODELS.register_module()
class BoxLabelEncoder(MaskLabelEncoder):
    """Encodes filled boxes, together with features of the frame, as labels and weights.

    The object encoder of Zhao et al. 2021, Sec. 3.1.

    Args:
        feature_channels: of the features, which have stride 16.
        channels: of the layers on the boxes; the last are those of labels and weights.
    """

    label_norm = True  # as in the authors' network, which has it nowhere else

    def __init__(
        self, feature_channels: int = 512, channels: tuple[int, int, int, int] = (16, 32, 64, 16)
    ) -> None:
        super().__init__(channels)
        self.block3 = _Block(channels[2] + feature_channels, channels[2])

    def forward(self, masks: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Labels and weights, (K, F, h, w) each, of filled boxes (K, H, W) and features (K, C, h, w)."""
        x = self.block3(torch.cat([self.encode(masks), features], 1))
        return self.labels(x), self.weights(x)


@MODELS.register_module()
class BoxFeatureEncoder(BaseModule):
    """Encodes filled boxes, together with features of the frame, for the mask decoder.

    The box label encoder of LWL's variant that starts from boxes (Bhat et al. 2020); sizes are those of the
    authors' code.

    Args:
        feature_channels: C of the features.
        channels: of the blocks, then of the encodings.
    """

    def __init__(self, feature_channels: int = 512, channels: Sequence[int] = (64, 64, 16)) -> None:
        super().__init__()
        *hidden, out = channels
        sizes = zip([feature_channels + 1, *hidden[:-1]], hidden, strict=True)
        self.blocks = nn.Sequential(*(_Block(*size) for size in sizes))
        self.labels = nn.Sequential(nn.Conv2d(hidden[-1], out, 3, padding=1), nn.ReLU())

    def forward(self, masks: Tensor, features: Tensor) -> Tensor:
        """Encodings (K, F, h, w), 0 or more, of filled boxes (K, H, W) and features (K, C, h, w)."""
        masks = F.interpolate(masks.unsqueeze(1), features.shape[-2:], mode='bilinear', align_corners=False)
        return self.labels(self.blocks(torch.cat([features, masks], 1)))


class _Block(nn.Module):
    """Two 3x3 convolutions, with a third one as skip."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.skip = nn.Conv2d(in_channels, channels, 3, stride, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv2(F.relu(self.conv1(x))) + self.skip(x))
