"""XMem's cross entropy of the hardest pixels."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from vosplug.errors import ConfigError
from vosplug.models.losses import BootstrappedCrossEntropyLoss, ObjectDiceLoss, top_p_mean

ITERATIONS = {'0': 1.0, '20000': 1.0, '45000': 0.575, '70000': 0.15, '100000': 0.15}


def without_absent(logits: torch.Tensor) -> torch.Tensor:
    """The second clip has two objects; XMem drops the third's plane there."""
    absent = torch.zeros(2, 4, 1, 1, dtype=torch.bool)
    absent[1, 3] = True
    return logits.masked_fill(absent, float('-inf'))


@pytest.mark.parametrize('iteration', ITERATIONS)
def test_values_and_gradient_of_the_total_equal_the_reference(
    xmem_golden, xmem_logits, xmem_target, iteration
):
    values, total = xmem_golden['values'][iteration], 0
    for t, logits in enumerate(xmem_logits, 1):
        entropy = BootstrappedCrossEntropyLoss(ITERATIONS[iteration])(
            without_absent(logits), xmem_target[:, t]
        )
        planes = (xmem_target[:, t, None] == torch.arange(1, 4).view(3, 1, 1)).float()
        total = total + entropy + ObjectDiceLoss()(logits.softmax(1)[:, 1:], planes)
        assert entropy.item() == pytest.approx(values[f'ce_loss_{t}'], rel=1e-5)
    total.backward()
    assert total.item() == pytest.approx(values['total_loss'], rel=1e-5)
    expected = xmem_golden[f'grad_logits1_it{iteration}']
    torch.testing.assert_close(xmem_logits[0].grad, expected, rtol=1e-4, atol=1e-7)


def test_everything_kept_is_the_plain_cross_entropy():
    pred, target = torch.randn(2, 3, 5, 5), torch.randint(0, 3, (2, 5, 5))
    loss = BootstrappedCrossEntropyLoss(top_p=1.0)(pred, target)
    assert loss.item() == pytest.approx(F.cross_entropy(pred, target).item(), rel=1e-6)


@given(st.integers(1, 40), st.floats(0.01, 1), st.integers(0, 2**16))
def test_the_largest_share_of_the_labelled_pixels_is_kept(counted, top_p, seed):
    losses = torch.rand(1, 40, generator=torch.Generator().manual_seed(seed))
    order = losses[0, :counted].sort(descending=True).values
    expected = order[: max(int(counted * top_p), 1)].mean().item()
    found = top_p_mean(losses, torch.arange(40)[None] < counted, top_p)
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_void_pixels_do_not_exist():
    pred, target = torch.randn(1, 3, 4, 8, requires_grad=True), torch.randint(0, 3, (1, 4, 8))
    target[:, :, 4:] = 255
    loss = BootstrappedCrossEntropyLoss(top_p=0.5)
    found = loss(pred, target)
    assert found.item() == pytest.approx(loss(pred[..., :4], target[..., :4]).item(), rel=1e-6)
    found.backward()
    assert (pred.grad.abs().sum(1) > 0).sum() == 8 and not pred.grad[..., 4:].any()


def test_a_sample_without_labels_adds_nothing():
    pred, target = torch.randn(3, 2, 4, 4), torch.randint(0, 2, (3, 4, 4))
    target[1] = 255
    loss = BootstrappedCrossEntropyLoss()
    assert loss(pred, target).item() == pytest.approx(loss(pred[[0, 2]], target[[0, 2]]).item(), rel=1e-6)


def test_no_label_at_all_gives_exactly_zero_with_a_gradient_path():
    pred = torch.randn(2, 3, 4, 4, requires_grad=True)
    loss = BootstrappedCrossEntropyLoss()(pred, torch.full((2, 4, 4), 255))
    loss.backward()
    assert loss == 0 and not pred.grad.any()


def test_weights_scale_before_the_hardest_are_picked():
    pred, target = torch.tensor([[[[5.0, 0.0]], [[0.0, 0.0]]]]), torch.ones(1, 1, 2, dtype=torch.long)
    loss = BootstrappedCrossEntropyLoss(top_p=0.5)
    assert loss(pred, target).item() == pytest.approx(5.0067, rel=1e-4)
    weight = torch.tensor([[[0.0, 2.0]]])
    assert loss(pred, target, weight).item() == pytest.approx(2 * 0.693147, rel=1e-5)


def test_reductions_sum_up_samples_and_ignore_the_average_factor():
    pred, target = torch.randn(3, 2, 4, 4), torch.randint(0, 2, (3, 4, 4))
    loss = BootstrappedCrossEntropyLoss(loss_weight=2.0)
    each = loss(pred, target, reduction_override='none')
    assert each.shape == (3,)
    assert loss(pred, target, reduction_override='sum').item() == pytest.approx(each.sum().item())
    assert loss(pred, target, avg_factor=7).item() == pytest.approx(each.mean().item())


def test_half_precision_with_extreme_logits_is_finite():
    pred = torch.tensor([[[[6e4]], [[-6e4]]]], dtype=torch.float16, requires_grad=True)
    loss = BootstrappedCrossEntropyLoss()(pred, torch.ones(1, 1, 1, dtype=torch.long))
    loss.backward()
    assert loss.item() == pytest.approx(1.2e5, rel=1e-2) and pred.grad.isfinite().all()


def test_user_errors_are_named():
    with pytest.raises(ConfigError, match='top_p: found 15, expected 0 < top_p <= 1'):
        BootstrappedCrossEntropyLoss(top_p=15)
    with pytest.raises(ConfigError, match='reduction'):
        BootstrappedCrossEntropyLoss(reduction='average')
