"""The Lovasz loss against the authors' numbers (golden lovasz)."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_recipe import randn

from vosplug.models import ObjectLovaszLoss

DATA = Path(__file__).parents[2] / 'data' / 'goldens'
VALUES = json.loads((DATA / 'lovasz.json').read_text())['values']


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    logits = torch.from_numpy(randn(1100, (4, 33, 41), 2.0)).requires_grad_()
    target = torch.from_numpy((randn(1101, (4, 33, 41)) > 0.6).astype(np.float32))
    target[2], target[3] = 0, 1
    return logits, target


def test_value_and_gradient_of_a_batch(maps):
    logits, target = maps
    loss = ObjectLovaszLoss()(logits, target)
    loss.backward()
    assert loss.item() == pytest.approx(VALUES['per_image_False'], rel=1e-5)
    with np.load(DATA / 'lovasz.npz') as arrays:
        expected = arrays['grad_per_image_False']
    assert np.abs(logits.grad.numpy() - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize('i', range(4))
def test_value_of_each_mask_also_of_an_empty_one(maps, i):
    weight = torch.arange(4) == i
    loss = ObjectLovaszLoss(loss_weight=2.0)(*maps, weight=weight)
    assert loss.item() == pytest.approx(2 * VALUES['each_image'][i], rel=1e-5)
