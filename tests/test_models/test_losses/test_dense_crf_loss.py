"""The energy of a dense CRF as a loss, Tang et al. 2018."""

import numpy as np
import pytest
import torch

from vosplug.models import DenseCRFLoss
from vosplug.models.losses import cut_energy
from vosplug.models.postprocess.gaussian_filters import bilateral_filter


def kernel_and_matrix(size: tuple[int, int] = (5, 6)):
    """A bilateral kernel as a filter, and as a matrix that is written out."""
    image = np.random.default_rng(0).integers(0, 60, (*size, 3), np.uint8)
    y, x = np.mgrid[: size[0], : size[1]].reshape(2, -1)
    points = np.concatenate([np.stack([x, y]) / 3.0, image.reshape(-1, 3).T / 20.0])
    distance = ((points[:, :, None] - points[:, None]) ** 2).sum(0)
    return bilateral_filter(image, 3.0, 20.0, exact=True), torch.from_numpy(np.exp(-distance / 2)).float()


def test_it_is_the_sum_over_both_labels():
    kernel, matrix = kernel_and_matrix()
    prob = torch.rand(5, 6)
    labels = torch.stack([prob.flatten(), 1 - prob.flatten()])
    expected = sum(s @ matrix @ (1 - s) for s in labels) / matrix.sum()
    assert cut_energy(prob, kernel).item() == pytest.approx(expected.item(), rel=1e-5)


def test_its_gradient():
    kernel, matrix = kernel_and_matrix()
    prob = torch.rand(5, 6, requires_grad=True)
    (3 * cut_energy(prob, kernel)).backward()
    copy = prob.detach().clone().requires_grad_()
    (3 * 2 * copy.flatten() @ matrix @ (1 - copy.flatten()) / matrix.sum()).backward()
    torch.testing.assert_close(prob.grad, copy.grad)


def test_it_is_none_without_a_cut_and_half_at_most():
    kernel, _ = kernel_and_matrix()
    for value, energy in ((0.0, 0), (1.0, 0), (0.5, 0.5)):
        assert cut_energy(torch.full((5, 6), value), kernel).item() == pytest.approx(energy, abs=1e-6)


@pytest.mark.parametrize('valid', [0, 3])
def test_frames_with_next_to_nothing_valid_cost_nothing(valid):
    image = torch.full((1, 3, 32, 48), torch.nan)
    image[:, :, :valid] = 100
    assert DenseCRFLoss()(torch.zeros(1, 1, 32, 48), None, image) == 0
    assert DenseCRFLoss()(torch.zeros(1, 1, 3, 3), None, torch.zeros(1, 3, 3, 3)).isfinite()


@pytest.mark.parametrize('size', [(32, 48), (320, 288)])
def test_masks_along_colours_cost_less_than_masks_across(size):
    """With a dense kernel and with a lattice."""
    image = torch.zeros(1, 3, *size)
    image[..., size[1] // 2 :] = 200
    along, across = (torch.full((1, 1, *size), -9.0) for _ in range(2))
    along[..., size[1] // 2 :] = 9
    across[..., size[0] // 2 :, :] = 9
    losses = [DenseCRFLoss()(logits, None, image).item() for logits in (along, across)]
    assert losses[0] < 0.1 * losses[1]
