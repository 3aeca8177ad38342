"""VGG16 of DeepLabv2."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from ...registry import MODELS
from .pretrained_layouts import take_names

# convolutions and channels of the five stages (Simonyan & Zisserman 2015, configuration D)
STAGES = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


@MODELS.register_module()
class DeepLabVGG16(BaseModule):
    """VGG16's 13 convolutions at output stride 8 (Chen et al. 2016, DeepLabv2; their published prototxt).

    Pooling is 3x3; the last two pooling layers have stride 1, and the last stage has dilation 2. Layers are
    numbered as torchvision's, so ``init_cfg=dict(type='Pretrained', checkpoint=...)`` accepts its ImageNet
    weights as they are.

    Args:
        in_channels: of the input, image first; pretrained weights fill the image channels.
        extra_std: standard deviation of the initial filters of the other channels, drawn from a Gaussian
            (Perazzi et al. 2017, Sec. 4, which does not say it; 0.01 is DeepLab's for new layers).
        width: channels of the first stage; 64 is VGG16, smaller ones are for tests.
        init_cfg: mmengine's.

    Raises:
        CheckpointError: weights of another network or width.
    """

    def __init__(
        self, in_channels: int = 3, extra_std: float = 0.01, width: int = 64, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        layers: list[nn.Module] = []
        channels = in_channels
        for stage, (convs, out) in enumerate(STAGES):
            out = out * width // 64
            dilation = 2 if stage == 4 else 1
            for _ in range(convs):
                conv = nn.Conv2d(channels, out, 3, padding=dilation, dilation=dilation)
                layers += [conv, nn.ReLU(inplace=True)]
                channels = out
            layers.append(nn.MaxPool2d(3, stride=2 if stage < 3 else 1, padding=1))
        self.features = nn.Sequential(*layers)
        nn.init.normal_(layers[0].weight.data[:, 3:], std=extra_std)
        self._register_load_state_dict_pre_hook(self._from_torchvision)

    def _from_torchvision(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        first = state.get(f'{prefix}features.0.weight')
        if first is not None and first.shape != self.features[0].weight.shape:
            take_names(state, self.state_dict(), prefix, (), ('classifier.',), 'torchvision VGG16')

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """One feature level (K, 512, ceil(H/8), ceil(W/8)) of inputs (K, in_channels, H, W)."""
        return (self.features(images),)
