"""ResNet that sees masks beside the image."""

import torch
from mmseg.models.backbones import ResNet
from torch import Tensor

from ...registry import MODELS


@MODELS.register_module()
class ExtraChannelResNet(ResNet):
    """MMSegmentation's ResNet whose first convolution may take more channels than its weights were made for.

    Pretrained weights fill the first channels; the others keep their initial values, as XMem's value encoder
    starts (Cheng & Schwing 2022).

    Args:
        in_channels: of the input, image first.
        kwargs: of ``mmseg.ResNet``.
    """

    def __init__(self, in_channels: int = 5, **kwargs) -> None:
        super().__init__(in_channels=in_channels, **kwargs)
        self._register_load_state_dict_pre_hook(self._widen)

    def _widen(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        key = f'{prefix}conv1.weight'
        own = self.conv1.weight
        if key in state and state[key].shape[1] < own.shape[1]:
            extra = own.detach()[:, state[key].shape[1] :].to(state[key])
            state[key] = torch.cat([state[key], extra], 1)
