"""Voigtlaender et al. 2021, eq. 2."""

import math

import pytest
import torch

from vosplug.errors import ConfigError
from vosplug.models.losses import PartiallyHuberisedCrossEntropyLoss, partially_huberised_cross_entropy


def test_equation_2_in_float64():
    prob = torch.tensor([1.0, 0.5, 1 / 3, 0.2, 0.0], dtype=torch.float64)
    expected = [0.0, math.log(2), math.log(3), -3 * 0.2 + math.log(3) + 1, math.log(3) + 1]
    loss = partially_huberised_cross_entropy(prob, tau=3)
    assert loss.tolist() == pytest.approx(expected, abs=1e-12)


def test_gradient_is_bounded_by_tau_and_continuous_at_its_inverse():
    prob = torch.tensor(
        [0.0, 1e-6, 0.1, 1 / 3 - 1e-9, 1 / 3 + 1e-9, 0.9], dtype=torch.float64, requires_grad=True
    )
    partially_huberised_cross_entropy(prob, tau=3).sum().backward()
    assert prob.grad.abs().max() <= 3
    assert prob.grad[3].item() == pytest.approx(prob.grad[4].item(), abs=1e-6)
    assert torch.isfinite(prob.grad).all()


def test_gradients_of_the_module_in_float64():
    """On both sides of 1/tau, from logits, with an ignored pixel."""
    torch.manual_seed(0)
    pred = (3 * torch.randn(2, 3, 4, 4, dtype=torch.float64)).requires_grad_()
    target = torch.randint(0, 3, (2, 4, 4))
    target[0, 0, 0] = 255
    prob = pred.detach().softmax(1).gather(1, target.clamp(max=2)[:, None])
    assert (prob < 0.3).any() and (prob > 0.4).any()
    assert torch.autograd.gradcheck(lambda p: PartiallyHuberisedCrossEntropyLoss()(p, target), pred)


def test_half_precision_with_extreme_logits_is_finite():
    pred = torch.tensor([[[[60.0]], [[-60.0]]]], dtype=torch.float16, requires_grad=True)
    loss = PartiallyHuberisedCrossEntropyLoss()(pred, torch.ones(1, 1, 1, dtype=torch.long))
    loss.backward()
    assert loss.item() == pytest.approx(math.log(3) + 1, abs=1e-3)
    assert torch.isfinite(pred.grad).all()


def test_ignored_pixels_have_no_loss_and_no_gradient():
    pred = torch.randn(1, 3, 2, 2, requires_grad=True)
    target = torch.tensor([[[0, 255], [255, 255]]])
    loss = PartiallyHuberisedCrossEntropyLoss(reduction='none')(pred, target, ignore_index=255)
    loss.sum().backward()
    assert loss[0, 0, 0] > 0
    assert loss.sum() == loss[0, 0, 0]
    assert pred.grad[..., 1, 1].abs().sum() == 0


def test_weight_avg_factor_and_loss_weight_scale_the_sum():
    pred, target = torch.randn(2, 3, 4, 4), torch.randint(0, 3, (2, 4, 4))
    module = PartiallyHuberisedCrossEntropyLoss(loss_weight=2.0)
    plain = module(pred, target, reduction_override='sum')
    halved = module(pred, target, weight=torch.full((2, 4, 4), 0.5), avg_factor=4)
    assert halved.item() == pytest.approx(plain.item() / 8, rel=1e-5)


def test_user_errors_are_named():
    with pytest.raises(ConfigError, match='tau'):
        PartiallyHuberisedCrossEntropyLoss(tau=0.5)
    with pytest.raises(ConfigError, match='reduction'):
        PartiallyHuberisedCrossEntropyLoss(reduction='average')
