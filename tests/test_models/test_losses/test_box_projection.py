"""The projection loss against BoxInst's, and by its properties."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vosplug.errors import ConfigError
from vosplug.models.losses import (
    BoxProjectionLoss,
    joint_projection_loss,
    projection_loss,
    smooth_dice,
    squared_dice,
)
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


def test_dice_equals_the_reference(golden, logits):
    prob, box = logits.detach().sigmoid().flatten(1), golden['gt_bitmasks'].float().flatten(1)
    torch.testing.assert_close(squared_dice(prob, box), golden['dice'], rtol=1e-5, atol=0)


def test_fractional_box_masks_equal_the_reference(maskfreevis, queries, tracks):
    loss = projection_loss(tracks.sigmoid(), maskfreevis['box_masks']).mean()
    loss.backward()
    assert loss.item() == pytest.approx(maskfreevis['values']['iter1']['loss_mask_proj'], rel=1e-5)
    torch.testing.assert_close(queries.grad, maskfreevis['grad_loss_mask_proj'], rtol=1e-4, atol=1e-7)


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


def two_clips() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (2, 3, 2, 12, 16) and boxes (2, 3, 2, 4) of B, T, N."""
    generator = torch.Generator().manual_seed(0)
    corner = 5 * torch.rand(2, 3, 2, 2, generator=generator)
    boxes = torch.cat([corner, corner + 2 + 4 * torch.rand(2, 3, 2, 2, generator=generator)], -1).round()
    return torch.randn(2, 3, 2, HEIGHT, WIDTH, generator=generator).requires_grad_(), boxes


@pytest.mark.parametrize('dice', [squared_dice, smooth_dice])
def test_layouts_of_one_large_image(dice):
    """The readings of Skogh 2024: Sec. 3.2.1's text, BNTH x W, and Fig. 3.3, BH x NTW."""
    logits, boxes = two_clips()
    for layout in ('column', 'grid'):
        prob, mask = (
            maps.flatten(0, 3) if layout == 'column' else maps.permute(0, 3, 1, 2, 4).reshape(2 * HEIGHT, -1)
            for maps in (logits.detach().sigmoid(), boxes_to_masks(boxes, (HEIGHT, WIDTH)))
        )
        loss = BoxProjectionLoss(layout, dice='smooth' if dice is smooth_dice else 'squared')
        expected = projection_loss(prob, mask, dice).item()
        assert loss(logits, boxes).item() == pytest.approx(expected, rel=1e-5)


def test_smooth_dice_is_equation_3_11():
    a, b = torch.tensor([0.5, 0.25, 1.0]), torch.tensor([1.0, 1.0, 0.0])
    assert smooth_dice(a, b).item() == pytest.approx(1 - 2 * (0.25 + 0.0625) / (1.3125 + 2), rel=1e-4)
    assert smooth_dice(a, b, eps=1.0).item() == pytest.approx(1 - (1 + 0.625) / (1 + 3.3125))
    assert smooth_dice(torch.zeros(3), torch.zeros(3)) == 0
    assert squared_dice(a, b).item() == pytest.approx(1 - 2 * 0.75 / (1.3125 + 2), rel=1e-4)


def test_a_batch_is_an_image_in_which_masks_share_no_line():
    logits, boxes = two_clips()
    masks = boxes_to_masks(boxes, (HEIGHT, WIDTH)).flatten(0, 2)
    prob = torch.block_diag(*logits.detach().sigmoid().flatten(0, 2))
    picture = projection_loss(prob, torch.block_diag(*masks))
    assert BoxProjectionLoss(reduce='batch')(logits, boxes).item() == pytest.approx(picture.item(), rel=1e-6)


REDUCE = st.sampled_from(['object', 'batch', 'column', 'grid'])


@given(REDUCE, st.permutations(range(2)), st.permutations(range(3)), st.permutations(range(2)))
def test_the_order_of_clips_frames_and_objects_does_not_matter(reduce, b, t, n):
    logits, boxes = two_clips()
    moved = logits[b][:, t][:, :, n], boxes[b][:, t][:, :, n]
    loss = BoxProjectionLoss(reduce)
    assert loss(*moved).item() == pytest.approx(loss(logits, boxes).item(), rel=1e-6)


@pytest.mark.parametrize('reduce', ['batch', 'column', 'grid'])
def test_one_mask_has_the_same_loss_either_way(reduce):
    logits, boxes = two_clips()
    one = logits[:1, :1, :1], boxes[:1, :1, :1]
    assert BoxProjectionLoss(reduce)(*one).item() == pytest.approx(BoxProjectionLoss()(*one).item())


@pytest.mark.parametrize('reduce', ['batch', 'column', 'grid'])
@pytest.mark.parametrize('merge', [False, True])
def test_a_batch_leaves_out_what_has_no_weight(reduce, merge):
    logits, boxes = two_clips()
    weight = torch.ones(2, 3, 2, dtype=torch.bool)
    weight[0, 1], weight[1] = False, False
    loss = BoxProjectionLoss(reduce, merge_objects=merge)
    found = loss(logits, boxes, weight=weight)
    assert found.item() == pytest.approx(loss(logits[:1, [0, 2]], boxes[:1, [0, 2]]).item(), rel=1e-6)
    found.backward()
    assert not logits.grad[~weight].any() and logits.grad.any()
    if reduce == 'batch':
        assert torch.equal(logits.grad.flatten(3).any(-1), weight)


@pytest.mark.parametrize('reduce', ['object', 'batch', 'column', 'grid'])
@pytest.mark.parametrize('weight', [None, torch.tensor([True, True, False])])
def test_merged_objects_need_no_axes_of_clips_and_frames(reduce, weight):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, HEIGHT, WIDTH, generator=generator)
    boxes = torch.tensor([[1.0, 2, 6, 9], [4, 0, 15, 5], [8, 8, 12, 12]])
    loss = BoxProjectionLoss(reduce=reduce, merge_objects=True)
    clip = [None if part is None else part[None, None] for part in (logits, boxes, None, weight)]
    assert loss(logits, boxes, None, weight).item() == pytest.approx(loss(*clip).item())


def test_merged_objects_may_swap_their_boxes():
    masks = torch.stack([box_mask(1, 1, 4, 3), box_mask(8, 5, 5, 4)])
    boxes = torch.tensor([[8.0, 5, 13, 9], [1, 1, 5, 4]])
    logits = 40 * masks - 20
    assert BoxProjectionLoss(merge_objects=True)(logits, boxes).item() == pytest.approx(0, abs=1e-5)
    assert BoxProjectionLoss()(logits, boxes) > 1


def test_an_object_that_does_not_count_is_in_no_union():
    logits, boxes = two_clips()
    weight = torch.tensor([1, 0]).expand(2, 3, 2)
    loss = BoxProjectionLoss(merge_objects=True)
    alone = loss(logits[:, :, :1], boxes[:, :, :1])
    assert loss(logits, boxes, weight=weight).item() == pytest.approx(alone.item(), rel=1e-6)


def test_a_joint_vector_is_no_mean_of_the_masks():
    prob = torch.stack([torch.full((8, 8), 0.5), torch.zeros(8, 8)])
    box = torch.stack([torch.ones(8, 8), torch.zeros(8, 8)])
    # the empty pair adds nothing to the joint sums, but a dice of 1 per axis to the mean
    joint = joint_projection_loss(prob, box).item()
    assert joint == pytest.approx(2 * (1 - 2 * 4 / (2 + 8)), rel=1e-5)
    assert projection_loss(prob, box).mean().item() == pytest.approx((joint + 2) / 2, rel=1e-5)


def test_half_precision_sums_do_not_overflow():
    logits = torch.full((1, 1, 70, 1000, 4), 9.0, dtype=torch.float16)
    boxes = torch.tensor([0.0, 0, 4, 1000]).expand(1, 1, 70, 4)
    assert BoxProjectionLoss(reduce='batch')(logits, boxes).item() == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize('option', ['reduce', 'dice'])
def test_an_unknown_choice_is_named(option):
    with pytest.raises(ConfigError, match=f"BoxProjectionLoss.{option}: found 'frame', expected one of"):
        BoxProjectionLoss(**{option: 'frame'})
