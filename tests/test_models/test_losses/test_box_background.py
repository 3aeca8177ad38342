"""Pixels outside the box are background."""

import pytest
import torch

from vosplug.models.losses import BoxBackgroundLoss

BOX = torch.tensor([[2.0, 2, 6, 6]])


def test_gradient_lies_outside_the_box_only():
    logits = torch.zeros(1, 8, 8, requires_grad=True)
    BoxBackgroundLoss()(logits, BOX).backward()
    inside = logits.grad[0, 2:6, 2:6]
    assert not inside.any() and (logits.grad > 0).sum() == 64 - 16


def test_value_is_the_mean_cross_entropy_over_the_map():
    loss = BoxBackgroundLoss(loss_weight=2.0)(torch.zeros(1, 8, 8), BOX)
    assert loss.item() == pytest.approx(2 * 0.693147 * 48 / 64, rel=1e-5)


def test_an_absent_object_is_pushed_down_everywhere():
    logits = torch.zeros(1, 8, 8, requires_grad=True)
    BoxBackgroundLoss()(logits, torch.zeros(1, 4)).backward()
    assert (logits.grad > 0).all()


def test_objects_without_weight_do_not_count():
    logits = torch.stack([torch.zeros(8, 8), torch.full((8, 8), 50.0)])
    loss = BoxBackgroundLoss()(logits, BOX.expand(2, 4), weight=torch.tensor([1, 0]))
    assert loss.item() == pytest.approx(0.693147 * 48 / 64, rel=1e-5)
