"""MobileNetV2 up to the last stage in use, loadable from torchvision's weights."""

from collections.abc import Sequence

from mmcv.cnn import ConvModule
from mmseg.models.backbones import MobileNetV2 as MMSegMobileNetV2
from torch import Tensor

from ...registry import MODELS
from .pretrained_layouts import rename_in_order


@MODELS.register_module()
class MobileNetV2(MMSegMobileNetV2):
    """MMSegmentation's MobileNetV2 without the stages behind the last output.

    Besides its own layout it loads ImageNet weights in torchvision's (``features.0.0.weight``, ...), so
    ``init_cfg=dict(type='Pretrained', checkpoint=...)`` takes the file as it is.

    Args:
        in_channels: of the input, image first; weights made for an image fill its channels.
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

    def train(self, mode: bool = True) -> 'MobileNetV2':
        """As any module's; MMSegmentation's returns nothing, which breaks ``model.eval()`` in a chain."""
        super().train(mode)
        return self

    def _from_torchvision(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        rename_in_order(
            state, self.state_dict(), prefix, ['features.'], 'classifier.', 'torchvision MobileNetV2'
        )
