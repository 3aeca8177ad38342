"""A memory: the last prompted frame and the previous one."""

import torch
from torch import Tensor, nn

from vosplug.models import BaseMemory
from vosplug.models.memory import space_time_read
from vosplug.registry import MODELS


@MODELS.register_module()
class TwoFrameMemory(BaseMemory):
    """Reads the last prompted frame and the previous one by cosine similarity, with a learned temperature."""

    def __init__(self, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.log_scale = nn.Parameter(torch.tensor(3.0))  # in the model's state dict

    def new_state(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Keys (B, C, P) and values (B, N, Cv, P) of both frames."""
        return {}

    def write(self, state, t, key, values, prompted) -> None:
        """Replace a frame; a prompted one may add objects, so it replaces both."""
        if prompted:
            state.clear()
        state['prompted' if prompted else 'previous'] = (key.flatten(2), values.flatten(3))

    def readout(self, state, key) -> Tensor:
        """Readout (B, N, Cv, h, w)."""
        keys, values = (torch.cat(parts, -1) for parts in zip(*state.values(), strict=True))
        query, keys = (nn.functional.normalize(k, dim=1) for k in (key.flatten(2), keys))
        similarity = self.log_scale.exp() * query.transpose(1, 2) @ keys
        read = space_time_read(similarity, values.flatten(1, 2))
        return read.view(*values.shape[:3], *key.shape[-2:])
