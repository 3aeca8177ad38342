"""Convolutional LSTM: a memory of fixed size, updated in every frame."""

from typing import NamedTuple

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS

ACTIVATIONS = dict(relu=torch.relu, tanh=torch.tanh)


class LSTMState(NamedTuple):
    """Hidden and cell state of each object in a ConvLSTM, (B, N, C, h, w)."""

    hidden: Tensor
    cell: Tensor


@MODELS.register_module()
class ConvLSTM(BaseModule):
    """Convolutional LSTM (Shi et al. 2015, without peepholes) of Xu et al. 2018, Sec. 4.3.

    With ``*`` a convolution, s the sigmoid and a the activation of states::

        i, f, o = s(Wi * [x, h] + bi), s(Wf * [x, h] + bf), s(Wo * [x, h] + bo)
        c' = f c + i a(Wc * [x, h] + bc)
        h' = o a(c')

    Convolutions are Xavier-initialised; the initial bias of the forget gate is 1 (Jozefowicz et al. 2015),
    that of the others is 0.

    Args:
        in_channels: of the input.
        channels: C of the state.
        kernel_size: of the convolutions, odd.
        activation: of states, ``'relu'`` as in the paper, or ``'tanh'``.
        forget_bias: initial bias of the forget gate.

    Raises:
        ConfigError: an even kernel or an unknown activation.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int = 512,
        kernel_size: int = 3,
        activation: str = 'relu',
        forget_bias: float = 1.0,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0 or activation not in ACTIVATIONS:
            raise ConfigError(
                f'ConvLSTM: found kernel_size={kernel_size} and activation={activation!r}, expected an odd '
                f'size and one of {sorted(ACTIVATIONS)}.'
            )
        self.channels, self.activation = channels, ACTIVATIONS[activation]
        padding = kernel_size // 2
        # gates in the order i, f, o, c; the input's part is the same for all objects of a frame
        self.from_input = nn.Conv2d(in_channels, 4 * channels, kernel_size, padding=padding)
        self.from_hidden = nn.Conv2d(channels, 4 * channels, kernel_size, padding=padding, bias=False)
        std = (2 / ((in_channels + 2 * channels) * kernel_size**2)) ** 0.5  # of one gate over [x, h]
        for conv in (self.from_input, self.from_hidden):
            nn.init.uniform_(conv.weight, -(3**0.5) * std, 3**0.5 * std)
        bias = torch.zeros(4 * channels)
        bias[channels : 2 * channels] = forget_bias
        self.from_input.bias = nn.Parameter(bias)

    def forward(self, x: Tensor, state: LSTMState) -> LSTMState:
        """The state after a frame.

        Args:
            x: (B, Cin, h, w), or (B, N, Cin, h, w) where each object has its own input.
            state: before the frame.
        """
        per_object = x if x.ndim == 5 else x.unsqueeze(1)
        taken = self.from_input(per_object.flatten(0, 1)).unflatten(0, per_object.shape[:2])
        kept = self.from_hidden(state.hidden.flatten(0, 1)).unflatten(0, state.hidden.shape[:2])
        gates, new = (taken + kept).split([3 * self.channels, self.channels], 2)
        take, keep, show = gates.sigmoid().chunk(3, 2)
        cell = keep * state.cell + take * self.activation(new)
        return LSTMState(show * self.activation(cell), cell)
