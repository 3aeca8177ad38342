"""The ConvLSTM against its equations in float64."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d

from vosplug.errors import ConfigError
from vosplug.models import ConvLSTM
from vosplug.models.memory import LSTMState


def convolved(planes: np.ndarray, kernels: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Planes (K, h, w) and kernels (C, K, k, k) to (C, h, w)."""
    return np.stack(
        [
            sum(correlate2d(plane, k, 'same') for plane, k in zip(planes, own, strict=True)) + bias
            for own, bias in zip(kernels, biases, strict=True)
        ]
    )


def reference(weight, bias, xs, hidden, cell, activation) -> list[tuple[np.ndarray, np.ndarray]]:
    """States of one object after each frame, one pixel and gate at a time.

    weight (4, C, Cin + C, k, k) and bias (4, C) in the order i, f, o, c; xs (T, Cin, h, w).
    """

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    states = []
    for x in xs:
        joined = np.concatenate([x, hidden])
        i, f, o, c = (convolved(joined, *gate) for gate in zip(weight, bias, strict=True))
        cell = sigmoid(f) * cell + sigmoid(i) * activation(c)
        hidden = sigmoid(o) * activation(cell)
        states.append((hidden, cell))
    return states


@pytest.mark.parametrize(('name', 'activation'), [('relu', lambda x: np.maximum(x, 0)), ('tanh', np.tanh)])
def test_it_equals_the_equations_step_by_step(name, activation):
    torch.manual_seed(0)
    lstm = ConvLSTM(3, 4, activation=name).double()
    weight = torch.cat([lstm.from_input.weight, lstm.from_hidden.weight], 1).unflatten(0, (4, 4))
    bias = lstm.from_input.bias.unflatten(0, (4, 4))
    xs = torch.randn(11, 2, 3, 5, 6, dtype=torch.double)
    start = LSTMState(*torch.randn(2, 2, 3, 4, 5, 6, dtype=torch.double).abs())
    state, found = start, []
    for x in xs:
        state = lstm(x, state)
        found.append(state)
    for b in range(2):
        for n in range(3):
            expected = reference(
                weight.detach().numpy(),
                bias.detach().numpy(),
                xs[:, b].numpy(),
                start.hidden[b, n].numpy(),
                start.cell[b, n].numpy(),
                activation,
            )
            for state, (hidden, cell) in zip(found, expected, strict=True):
                np.testing.assert_allclose(state.hidden[b, n].detach(), hidden, atol=1e-12)
                np.testing.assert_allclose(state.cell[b, n].detach(), cell, atol=1e-12)


def test_objects_may_have_inputs_of_their_own():
    lstm = ConvLSTM(3, 4)
    x, state = torch.randn(2, 5, 3, 6, 7), LSTMState(*torch.randn(2, 2, 5, 4, 6, 7))
    together = lstm(x, state)
    for n in range(5):
        alone = lstm(x[:, n], LSTMState(*(part[:, n : n + 1] for part in state)))
        for a, b in zip(together, alone, strict=True):
            torch.testing.assert_close(a[:, n : n + 1], b)


def test_initial_weights_are_those_of_the_paper():
    torch.manual_seed(0)
    lstm = ConvLSTM(24, 32)
    weights = torch.cat([lstm.from_input.weight, lstm.from_hidden.weight], 1)
    bound = (6 / ((24 + 32 + 32) * 9)) ** 0.5  # of one gate's convolution, Glorot and Bengio 2010
    assert weights.abs().max() <= bound and weights.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    bias = lstm.from_input.bias.detach().unflatten(0, (4, 32))
    assert (bias[1] == 1).all() and not bias[[0, 2, 3]].any()


def test_gradients_of_eleven_frames_are_finite():
    lstm = ConvLSTM(3, 4)
    state = start = LSTMState(*torch.rand(2, 1, 2, 4, 6, 7).requires_grad_().unbind())
    for part in start:
        part.retain_grad()
    for _ in range(11):
        state = lstm(torch.randn(1, 3, 6, 7), state)
    state.hidden.square().sum().backward()
    for gradient in (start.cell.grad, *(p.grad for p in lstm.parameters())):
        assert gradient.isfinite().all() and gradient.any()


@pytest.mark.parametrize('change', [dict(kernel_size=4), dict(activation='gelu')])
def test_impossible_options(change):
    with pytest.raises(ConfigError, match='expected an odd size and one of'):
        ConvLSTM(3, 4, **change)
