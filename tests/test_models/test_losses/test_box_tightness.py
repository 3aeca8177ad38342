"""Bags of Hsu et al. 2019: lines through the box, and lines beside it."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from vosplug.models.losses import BoxTightnessMILLoss, tightness_loss
from vosplug.models.losses.box_masks import boxes_to_masks

BOX = torch.tensor([[2.0, 3, 6, 6]])  # columns 2 to 5, rows 3 to 5


def test_value_line_by_line():
    logits = torch.randn(1, 8, 10)
    prob = logits[0].sigmoid()
    bags = [(prob[r, 2:6].max(), True) if 3 <= r < 6 else (prob[r].max(), False) for r in range(8)]
    bags += [(prob[3:6, c].max(), True) if 2 <= c < 6 else (prob[:, c].max(), False) for c in range(10)]
    expected = torch.stack([-(p if positive else 1 - p).log() for p, positive in bags]).mean()
    assert BoxTightnessMILLoss()(logits, BOX).item() == pytest.approx(expected.item(), rel=1e-5)


@given(st.integers(0, 2**16))
def test_each_line_pulls_at_one_pixel_in_its_own_direction(seed):
    logits = torch.randn(8, 10, generator=torch.Generator().manual_seed(seed), requires_grad=True)
    inside = boxes_to_masks(BOX[0], (8, 10))
    tightness_loss(logits, inside).backward()
    assert (logits.grad[inside > 0] <= 0).all() and (logits.grad[inside == 0] >= 0).all()
    assert (logits.grad != 0).sum() <= 18


def test_any_shape_that_spans_the_box_costs_nothing():
    diagonal = torch.full((8, 8), -30.0)
    diagonal[2:6, 2:6] = 60 * torch.eye(4) - 30
    boxes = torch.tensor([[2.0, 2, 6, 6]])
    loss = BoxTightnessMILLoss()
    assert loss(diagonal[None], boxes).item() == pytest.approx(0, abs=1e-6)
    assert loss(-diagonal[None], boxes) > 10


def test_foreground_beside_the_box_does_not_satisfy_a_line_through_it():
    logits = torch.full((1, 8, 10), -10.0)
    logits[0, 3:6, 8] = 10.0
    through, beside = F.softplus(torch.tensor([10.0, -10.0])).tolist()
    # rows 3 to 5 and columns 2 to 5 miss the object, column 8 has one; the rest is background as it should be
    expected = (3 * through + 4 * through + through + 10 * beside) / 18
    assert BoxTightnessMILLoss()(logits, BOX).item() == pytest.approx(expected, rel=1e-4)


def test_an_absent_object_has_negative_bags_only():
    logits = torch.zeros(1, 8, 8, requires_grad=True)
    BoxTightnessMILLoss()(logits, torch.zeros(1, 4)).backward()
    assert (logits.grad > 0).all()


def test_objects_without_weight_do_not_count():
    logits = torch.randn(2, 8, 10, requires_grad=True)
    loss = BoxTightnessMILLoss(loss_weight=2.0)
    first = loss(logits, BOX.expand(2, 4), weight=torch.tensor([True, False]))
    assert first.item() == pytest.approx(loss(logits[:1], BOX).item())
    none = loss(logits, BOX.expand(2, 4), weight=torch.zeros(2))
    none.backward()
    assert none == 0 and not logits.grad.any()


def test_extreme_logits_in_half_precision_are_finite():
    logits = (6e4 * torch.randn(1, 8, 10).sign()).half().requires_grad_()
    loss = BoxTightnessMILLoss()(logits, BOX)
    loss.backward()
    assert loss.isfinite() and logits.grad.isfinite().all()
