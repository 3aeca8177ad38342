"""MobileNetV2 without unused stages, loadable from torchvision's weights."""

from collections.abc import Sequence

from mmcv.cnn import ConvModule
from mmseg.models.backbones import MobileNetV2 as MMSegMobileNetV2
from torch import Tensor

from ...registry import MODELS
from .pretrained_layouts import take_names


@MODELS.register_module()
class MobileNetV2(MMSegMobileNetV2):
    """MMSegmentation's MobileNetV2 without the stages after the last output.

    Loads ImageNet weights in torchvision's layout (``features.0.0.weight``, ...) as well as its own, so
    ``init_cfg=dict(type='Pretrained', checkpoint=...)`` accepts the original file.

    Args:
        in_channels: of the input, image first; pretrained weights fill the image channels.
        out_indices: stages 0..6 whose outputs are returned; by default strides 4, 8 and 16.
        kwargs: of ``mmseg.MobileNetV2``.

    Raises:
        CheckpointError: torchvision weights of another width or network.
    """

    def __init__(self, in_channels: int = 3, out_indices: Sequence[int] = (1, 2, 4), **kwargs) -> None:
        super().__init__(out_indices=tuple(out_indices), **kwargs)
        if in_channels != 3:
            parts = dict(conv_cfg=self.conv_cfg, norm_cfg=self.norm_cfg, act_cfg=self.act_cfg)
            width = self.conv1.out_channels
            self.conv1 = ConvModule(in_channels, width, 3, stride=2, padding=1, **parts)
        for name in self.layers[max(out_indices) + 1 :]:
            delattr(self, name)
        self.layers = self.layers[: max(out_indices) + 1]
        self._register_load_state_dict_pre_hook(self._from_torchvision)
        self.train()  # freezes stages before a distributed wrapper collects the trainable parameters

    def train(self, mode: bool = True) -> 'MobileNetV2':
        """Return self; MMSegmentation's returns None, which breaks chained ``model.eval()``."""
        super().train(mode)
        return self

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Feature levels of images (K, C, H, W), finest first; always a tuple, even for a single level."""
        levels = super().forward(images)
        return (levels,) if isinstance(levels, Tensor) else levels

    def _from_torchvision(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        if not any(key.startswith(f'{prefix}features.') for key in state):
            return
        blocks = [f'{name}.{k}' for name in self.layers for k in range(len(getattr(self, name)))]
        rules = [(r'^features\.0\.0\.', 'conv1.conv.'), (r'^features\.0\.1\.', 'conv1.bn.')]
        rules += [(rf'^features\.{k}\.', f'{name}.') for k, name in enumerate(blocks, 1)]
        # in a block, convolutions with an activation are nested, the last one is not; the first block has two
        rules += [(r'\.conv\.(\d)\.0\.', r'.conv.\1.conv.'), (r'\.conv\.(\d)\.1\.', r'.conv.\1.bn.')]
        for block, last in ((r'(layer1\.0)', 1), (r'(layer[2-7]\.\d)', 2)):
            rules.append((rf'^{block}\.conv\.{last}\.(?!conv|bn)', rf'\1.conv.{last}.conv.'))
            rules.append((rf'^{block}\.conv\.{last + 1}\.', rf'\1.conv.{last}.bn.'))
        unused = ['features.', 'classifier.']
        take_names(state, self.state_dict(), prefix, rules, unused, 'torchvision MobileNetV2')
