"""ResNet with additional input channels."""

from mmseg.models.backbones import ResNet
from torch import Tensor

from ...registry import MODELS
from .pretrained_layouts import widen_input


@MODELS.register_module()
class ExtraChannelResNet(ResNet):
    """MMSegmentation's ResNet with more input channels than its pretrained weights.

    Args:
        in_channels: of the input, image first; pretrained weights fill the image channels.
        kwargs: of ``mmseg.ResNet``.
    """

    def __init__(self, in_channels: int = 5, **kwargs) -> None:
        super().__init__(in_channels=in_channels, **kwargs)
        self._register_load_state_dict_pre_hook(self._widen)

    def _widen(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        key = f'{prefix}conv1.weight'
        if key in state:
            state[key] = widen_input(state[key], self.conv1.weight)
