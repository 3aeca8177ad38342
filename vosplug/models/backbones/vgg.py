"""VGG16 and DeepLabv2's variant of it."""

from collections.abc import Sequence

from mmengine.model import BaseModule, xavier_init
from torch import Tensor, nn

from ...registry import MODELS
from .pretrained_layouts import take_names

# convolutions and channels of the five stages (Simonyan & Zisserman 2015, configuration D)
STAGES = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


@MODELS.register_module()
class VGG16(BaseModule):
    """VGG16's 13 convolutions (Simonyan & Zisserman 2015), each stage followed by max pooling.

    Layers are numbered as torchvision's, so ``init_cfg=dict(type='Pretrained', checkpoint=...)`` accepts its
    ImageNet weights as they are.

    Args:
        in_channels: of the input, image first; pretrained weights fill the image channels.
        extra_std: standard deviation of the Gaussian that initialises the filters of the other channels
            (Perazzi et al. 2017, Sec. 4, which does not give it; 0.01 is DeepLab's for new layers).
        width: channels of the first stage; 64 is VGG16, smaller ones are for tests.
        out_indices: stages 0..4 whose outputs before pooling are also returned.
        fc6_channels: of a 1x1 convolution on top that replaces the first fully connected layer, 4096 in
            VGG16; None: none. It is randomly initialised (Xavier): weights of a 7x7 window do not fit.
        pool_kernel: of all max pooling layers.
        pool_strides: of each.
        dilations: of the stages.
        init_cfg: mmengine's.

    Raises:
        CheckpointError: weights of another network or width.
    """

    def __init__(
        self,
        in_channels: int = 3,
        extra_std: float = 0.01,
        width: int = 64,
        out_indices: Sequence[int] = (),
        fc6_channels: int | None = None,
        pool_kernel: int = 2,
        pool_strides: Sequence[int] = (2, 2, 2, 2, 2),
        dilations: Sequence[int] = (1, 1, 1, 1, 1),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        layers: list[nn.Module] = []
        channels, ends = in_channels, []
        for (convs, out), stride, dilation in zip(STAGES, pool_strides, dilations, strict=True):
            for _ in range(convs):
                conv = nn.Conv2d(channels, out * width // 64, 3, padding=dilation, dilation=dilation)
                layers += [conv, nn.ReLU(inplace=True)]
                channels = conv.out_channels
            ends.append(len(layers))
            layers.append(nn.MaxPool2d(pool_kernel, stride=stride, padding=(pool_kernel - 1) // 2))
        self.features = nn.Sequential(*layers)
        self.ends = [ends[stage] for stage in sorted(out_indices)]
        nn.init.normal_(layers[0].weight.data[:, 3:], std=extra_std)
        self.fc6 = None
        if fc6_channels is not None:
            self.fc6 = nn.Sequential(nn.Conv2d(channels, fc6_channels, 1), nn.ReLU(inplace=True))
            xavier_init(self.fc6[0], distribution='uniform')
        self._register_load_state_dict_pre_hook(self._from_torchvision)

    def _from_torchvision(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        first = state.get(f'{prefix}features.0.weight')
        if first is not None and first.shape != self.features[0].weight.shape:
            own = {name: value for name, value in self.state_dict().items() if name.startswith('features.')}
            take_names(state, own, prefix, (), ('classifier.',), 'torchvision VGG16')

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Feature levels of inputs (K, in_channels, H, W), finest first.

        The stages in ``out_indices`` before pooling, at strides 1, 2, 4, 8 and 16 in VGG16; then the final
        output, at stride 32.
        """
        levels, x, start = [], images, 0
        for end in self.ends:
            x = self.features[start:end](x)
            levels.append(x)
            start = end
        x = self.features[start:](x)
        return (*levels, x if self.fc6 is None else self.fc6(x))


@MODELS.register_module()
class DeepLabVGG16(VGG16):
    """VGG16's convolutions at output stride 8 (Chen et al. 2016, DeepLabv2; their published prototxt).

    Pooling is 3x3; the last two pooling layers have stride 1, and the last stage has dilation 2. One level of
    features (K, 512, ceil(H/8), ceil(W/8)).

    Args:
        kwargs: of :class:`VGG16`.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(pool_kernel=3, pool_strides=(2, 2, 2, 1, 1), dilations=(1, 1, 1, 1, 2), **kwargs)
