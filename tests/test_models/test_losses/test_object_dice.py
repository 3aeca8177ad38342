"""XMem's dice, per frame and object."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vosplug.models.losses import ObjectDiceLoss, soft_dice


def test_values_equal_the_reference(xmem_golden, xmem_logits, xmem_target):
    for t, logits in enumerate(xmem_logits, 1):
        planes = (xmem_target[:, t, None] == torch.arange(1, 4).view(3, 1, 1)).float()
        loss = ObjectDiceLoss()(logits.softmax(1)[:, 1:], planes)
        assert loss.item() == pytest.approx(xmem_golden['values']['0'][f'dice_loss_{t}'], rel=1e-5)


@given(st.integers(0, 2**16))
def test_range_and_symmetry(seed):
    generator = torch.Generator().manual_seed(seed)
    prob = torch.rand(4, 6, generator=generator)
    target = (torch.rand(4, 6, generator=generator) > 0.5).float()
    assert 0 <= soft_dice(prob, target).item() < 1
    assert soft_dice(target, prob).item() == pytest.approx(soft_dice(prob, target).item())
    assert soft_dice(target, target).item() == pytest.approx(0, abs=1e-6)


def test_an_absent_object_that_is_not_predicted_costs_nothing():
    assert soft_dice(torch.zeros(4, 4), torch.zeros(4, 4)) == 0
    assert soft_dice(torch.ones(4, 4), torch.zeros(4, 4)).item() == pytest.approx(1 - 1 / 17)


def test_gradient():
    prob = torch.rand(2, 3, 3, dtype=torch.float64, requires_grad=True)
    target = (torch.rand(2, 3, 3) > 0.5).double()
    assert torch.autograd.gradcheck(lambda p: soft_dice(p, target), prob)


def test_objects_without_weight_do_not_count():
    prob, target = torch.rand(2, 3, 2, 8, 8, requires_grad=True), torch.ones(2, 3, 2, 8, 8)
    weight = torch.zeros(2, 3, 2)
    weight[0, 1, 1] = 1
    loss = ObjectDiceLoss(loss_weight=2.0)
    assert loss(prob, target, weight).item() == pytest.approx(
        2 * soft_dice(prob[0, 1, 1], target[0, 1, 1]).item()
    )
    none = loss(prob, target, torch.zeros(2, 3, 2))
    none.backward()
    assert none == 0 and not prob.grad.any()


def test_half_precision_sums_do_not_overflow():
    prob = torch.ones(1, 1, 400, 400, dtype=torch.float16)
    assert ObjectDiceLoss()(prob, prob).item() == pytest.approx(0, abs=1e-6)
