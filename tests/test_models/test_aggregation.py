"""Aggregation by hand."""

import torch

from vosplug.models.aggregation import max_score_aggregate, soft_aggregate


def aggregate(*probs: float) -> torch.Tensor:
    return soft_aggregate(torch.tensor(probs).view(-1, 1, 1)).softmax(0).flatten()


def test_two_objects_by_hand():
    # background 0.2 * 0.5 = 0.1; odds 1/9, 4, 1; their sum is 46/9
    torch.testing.assert_close(aggregate(0.8, 0.5), torch.tensor([1 / 46, 36 / 46, 9 / 46]))


def test_one_object_keeps_its_order_and_squares_its_odds():
    torch.testing.assert_close(aggregate(0.75), torch.tensor([0.1, 0.9]))


def test_certain_objects_share_and_stay_finite():
    torch.testing.assert_close(aggregate(1.0, 1.0), torch.tensor([0.0, 0.5, 0.5]), atol=1e-6, rtol=0)


def test_an_object_of_probability_0_changes_nothing():
    torch.testing.assert_close(aggregate(0.8, 0.5, 0.0)[:3], aggregate(0.8, 0.5), atol=1e-6, rtol=0)


def test_gradient_is_finite_at_the_ends():
    prob = torch.tensor([0.0, 1.0]).view(2, 1, 1).requires_grad_()
    soft_aggregate(prob).softmax(0)[1].sum().backward()
    assert prob.grad.isfinite().all()


def test_the_highest_score_wins_and_a_single_object_keeps_its_probability():
    prob = torch.tensor([0.8, 0.5]).view(-1, 1, 1)
    # 0.2, 0.8 and 0.5, which sum to 1.5
    torch.testing.assert_close(
        max_score_aggregate(prob).softmax(0).flatten(), torch.tensor([2.0, 8.0, 5.0]) / 15
    )
    alone = max_score_aggregate(prob[:1]).softmax(0).flatten()
    torch.testing.assert_close(alone, torch.tensor([0.2, 0.8]))
    weak = max_score_aggregate(torch.tensor([0.4, 0.45]).view(-1, 1, 1))
    assert weak.argmax(0).item() == 0, 'no object is likelier than not'
    edges = max_score_aggregate(torch.tensor([0.0, 1.0]).view(2, 1, 1))
    assert edges.isfinite().all() and edges.argmax(0).item() == 2
