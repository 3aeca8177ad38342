"""MobileNetV2 up to the last stage in use, loadable from torchvision's weights."""

from collections.abc import Sequence

from mmseg.models.backbones import MobileNetV2 as MMSegMobileNetV2
from torch import Tensor

from ...errors import CheckpointError
from ...registry import MODELS


@MODELS.register_module()
class MobileNetV2(MMSegMobileNetV2):
    """MMSegmentation's MobileNetV2 without the stages behind the last output.

    Besides its own layout it loads ImageNet weights in torchvision's (``features.0.0.weight``, ...), so
    ``init_cfg=dict(type='Pretrained', checkpoint=...)`` takes the file as it is.

    Args:
        out_indices: stages 0..6 whose outputs are returned; by default strides 4, 8 and 16.
        kwargs: of ``mmseg.MobileNetV2``.

    Raises:
        CheckpointError: torchvision weights of another width or network.
    """

    def __init__(self, out_indices: Sequence[int] = (1, 2, 4), **kwargs) -> None:
        super().__init__(out_indices=tuple(out_indices), **kwargs)
        for name in self.layers[max(out_indices) + 1 :]:
            delattr(self, name)
        self.layers = self.layers[: max(out_indices) + 1]
        self._register_load_state_dict_pre_hook(self._from_torchvision)

    def train(self, mode: bool = True) -> 'MobileNetV2':
        """As any module's; MMSegmentation's returns nothing, which breaks ``model.eval()`` in a chain."""
        super().train(mode)
        return self

    def _from_torchvision(self, state: dict[str, Tensor], prefix: str, *args) -> None:
        theirs = [key for key in state if key.startswith(f'{prefix}features.')]
        if not theirs:
            return
        # Both layouts list their tensors in the order of execution, and ours stops earlier.
        for (name, tensor), key in zip(self.state_dict().items(), theirs, strict=False):
            if state[key].shape != tensor.shape:
                raise CheckpointError(
                    f'torchvision MobileNetV2 weights: {key} is {tuple(state[key].shape)}, {name} needs '
                    f'{tuple(tensor.shape)}. The file must be of the same widen_factor.'
                )
            state[prefix + name] = state[key]
        for key in [k for k in state if k.startswith((f'{prefix}features.', f'{prefix}classifier.'))]:
            del state[key]
