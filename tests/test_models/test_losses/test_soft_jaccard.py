"""The soft Jaccard index is the evaluation's J where probabilities are 0 or 1."""

import pytest
import torch

from vosplug.errors import ConfigError
from vosplug.evaluation.functional import jaccard
from vosplug.models.losses import SoftJaccardLoss, soft_jaccard


def test_hard_masks_give_one_minus_j():
    generator = torch.Generator().manual_seed(0)
    masks = torch.rand(2, 5, 8, 9, generator=generator) > 0.5
    found = soft_jaccard(masks[0].float(), masks[1].float(), torch.ones_like(masks[0]))
    expected = [1 - jaccard(a.numpy(), b.numpy()) for a, b in zip(*masks, strict=True)]
    assert found.tolist() == pytest.approx(expected, abs=1e-4)


def test_probabilities_count_by_their_share():
    prob, target = torch.full((1, 2), 0.5), torch.tensor([[1.0, 0.0]])
    # overlap 0.5, union 1 + 0.5
    assert soft_jaccard(prob, target, torch.ones(1, 2, dtype=torch.bool)).item() == pytest.approx(
        2 / 3, abs=1e-3
    )


@pytest.mark.parametrize('weight', [0.5, 3.0])
def test_weights_scale_overlap_and_union_alike(weight):
    prob, target = torch.tensor([[0.2, 0.9, 0.4]]), torch.tensor([[0.0, 1.0, 1.0]])
    plain, weighted = (soft_jaccard(prob, target, torch.full((1, 3), w)).item() for w in (1.0, weight))
    assert weighted == pytest.approx(plain, abs=2e-3)
    # a pixel of weight 2 counts like two pixels
    twice = soft_jaccard(prob[:, [0, 1, 2, 2]], target[:, [0, 1, 2, 2]], torch.ones(1, 4)).item()
    assert soft_jaccard(prob, target, torch.tensor([[1.0, 1.0, 2.0]])).item() == pytest.approx(twice)


def test_ignored_pixels_have_no_gradient():
    logits = torch.zeros(2, 2, 4, 4, requires_grad=True)
    labels = torch.zeros(2, 4, 4, dtype=torch.long)
    labels[:, :2], labels[:, 3] = 1, 255
    SoftJaccardLoss()(logits, labels).backward()
    gradient = logits.grad.abs().sum(1)
    assert (gradient[:, 3] == 0).all() and (gradient[:, :3] > 0).all()


def test_each_object_counts_alike_and_the_loss_is_weighted():
    logits = torch.zeros(2, 2, 4, 4)
    logits[:, 1], logits[0, 1, 0] = -50, 50
    labels = torch.zeros(2, 4, 4, dtype=torch.long)
    labels[0, 0], labels[1] = 1, 1
    assert SoftJaccardLoss(loss_weight=3)(logits, labels).item() == pytest.approx(3 * (0 + 1) / 2, abs=1e-3)


def test_nothing_to_find_and_nothing_found_costs_nothing():
    empty = torch.zeros(1, 4, 4)
    assert soft_jaccard(empty, empty, torch.ones(1, 4, 4, dtype=torch.bool)).item() == 0


def test_an_unknown_reduction_is_refused():
    logits, labels = torch.zeros(1, 2, 4, 4), torch.zeros(1, 4, 4, dtype=torch.long)
    with pytest.raises(ConfigError, match="SoftJaccardLoss.reduction: found 'max', expected one of"):
        SoftJaccardLoss()(logits, labels, reduction_override='max')
