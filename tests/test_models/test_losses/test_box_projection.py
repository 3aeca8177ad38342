"""The projection loss against BoxInst's, and by its properties."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vosplug.models.losses import BoxProjectionLoss, projection_loss
from vosplug.models.losses.box_masks import boxes_to_masks

HEIGHT, WIDTH = 12, 16
spans = st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(1, 7), st.integers(1, 6))


def box_mask(x: int, y: int, width: int, height: int) -> torch.Tensor:
    return boxes_to_masks(torch.tensor([x, y, x + width, y + height], dtype=torch.float32), (HEIGHT, WIDTH))


def test_box_masks_equal_the_reference(golden, boxes):
    assert torch.equal(boxes_to_masks(boxes, (24, 32)), golden['gt_bitmasks'].float())


def test_value_and_gradient_equal_the_reference(golden, logits, boxes):
    loss = BoxProjectionLoss()(logits, boxes)
    loss.backward()
    assert loss.item() == pytest.approx(golden['values']['iter1']['loss_prj'], rel=1e-5)
    torch.testing.assert_close(logits.grad, golden['grad_prj'][:, 0], rtol=1e-4, atol=1e-7)


@settings(deadline=None, max_examples=40)
@given(spans)
def test_the_filled_box_costs_nothing(span):
    assert projection_loss(box_mask(*span), box_mask(*span)).item() == pytest.approx(0, abs=2e-5)


@settings(deadline=None, max_examples=40)
@given(spans, st.integers(0, 2**16))
def test_the_loss_lies_between_0_and_2(span, seed):
    prob = torch.rand(HEIGHT, WIDTH, generator=torch.Generator().manual_seed(seed))
    assert 0 <= projection_loss(prob, box_mask(*span)).item() <= 2


@settings(deadline=None, max_examples=40)
@given(spans, st.integers(0, 2**16))
def test_moving_mask_and_box_together_changes_nothing(span, seed):
    generator = torch.Generator().manual_seed(seed)
    prob, box = torch.zeros(2, 2 * HEIGHT, 2 * WIDTH)
    prob[:HEIGHT, :WIDTH] = torch.rand(HEIGHT, WIDTH, generator=generator)
    box[:HEIGHT, :WIDTH] = box_mask(*span)
    shift = seed % HEIGHT, seed % WIDTH
    moved = projection_loss(prob.roll(shift, (0, 1)), box.roll(shift, (0, 1)))
    assert moved.item() == pytest.approx(projection_loss(prob, box).item(), abs=1e-6)


def test_any_shape_that_spans_the_box_costs_nothing():
    diagonal = torch.eye(8)
    assert projection_loss(diagonal, torch.ones(8, 8)).item() == pytest.approx(0, abs=1e-5)
    assert projection_loss(torch.zeros(8, 8), torch.ones(8, 8)).item() == pytest.approx(2, abs=1e-5)


def test_objects_without_weight_do_not_count(logits, boxes):
    loss = BoxProjectionLoss(loss_weight=2.0)
    first = loss(logits, boxes, weight=torch.tensor([True, False]))
    assert first.item() == pytest.approx(loss(logits[:1], boxes[:1]).item())
    none = loss(logits, boxes, weight=torch.zeros(2))
    none.backward()
    assert none == 0 and not logits.grad.any()


def test_a_flat_start_has_a_gradient_everywhere_in_a_row(boxes):
    flat = torch.zeros(2, 24, 32, requires_grad=True)
    BoxProjectionLoss()(flat, boxes).backward()
    assert (flat.grad[0] != 0).all()
