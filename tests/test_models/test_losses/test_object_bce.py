"""Binary cross entropy per object, Xu et al. 2018, eq. 5."""

import pytest
import torch

from vosplug.models.losses import ObjectBinaryCrossEntropyLoss
from vosplug.models.losses.protocols import IGNORED_LOGIT


def test_equation_5():
    logits, target = torch.tensor([[[0.0, 2.0], [-1.0, 3.0]]]), torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])
    p = logits.sigmoid()
    expected = -(target * p.log() + (1 - target) * (1 - p).log()).mean()
    loss = ObjectBinaryCrossEntropyLoss(loss_weight=2.0)(logits, target)
    assert loss.item() == pytest.approx(2 * expected.item(), rel=1e-5)


def test_objects_do_not_compete():
    logits = torch.randn(2, 3, 2, 4, 4, requires_grad=True)
    target = torch.zeros(2, 3, 2, 4, 4)
    loss = ObjectBinaryCrossEntropyLoss()
    weight = torch.tensor([True, False]).expand(2, 3, 2)
    alone = loss(logits[:, :, :1], target[:, :, :1])
    assert loss(logits, target, weight).item() == pytest.approx(alone.item(), rel=1e-6)


@pytest.mark.parametrize('dtype', [torch.float32, torch.float16, torch.bfloat16])
def test_ignored_pixels_are_recognised_in_every_type(dtype):
    logits, target = torch.zeros(1, 2, 2, dtype=dtype), torch.zeros(1, 2, 2)
    logits[0, 0] = IGNORED_LOGIT
    assert ObjectBinaryCrossEntropyLoss()(logits, target).item() == pytest.approx(0.693147, rel=1e-5)


def test_an_object_without_a_labelled_pixel_costs_nothing():
    logits = torch.full((1, 2, 2), IGNORED_LOGIT, requires_grad=True)
    loss = ObjectBinaryCrossEntropyLoss()(logits, torch.zeros(1, 2, 2))
    loss.backward()
    assert loss == 0 and not logits.grad.any()
