"""Numbers of the original BoxInst implementation (AdelaiDet); loss_boxinst.json says how they were made."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_inputs import randn

DATA = Path(__file__).parents[2] / 'data' / 'goldens'


@pytest.fixture(scope='session')
def golden() -> dict:
    """Arrays as tensors, and ``values``: iteration -> loss -> number."""
    with np.load(DATA / 'loss_boxinst.npz') as arrays:
        found = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return {**found, 'values': json.loads((DATA / 'loss_boxinst.json').read_text())['values']}


@pytest.fixture
def logits() -> torch.Tensor:
    """(2, 24, 32), a stride of 4 below the image."""
    return randn(410, (2, 1, 24, 32), 2.0)[:, 0].requires_grad_()


@pytest.fixture
def boxes(golden) -> torch.Tensor:
    """(2, 4) in pixels of the logits; the goldens' right and bottom are inclusive, ours are not."""
    return (golden['boxes_xyxy'] + torch.tensor([0, 0, 1, 1])) / 4


@pytest.fixture
def big_logits() -> torch.Tensor:
    """Logits at which exp overflows."""
    return randn(411, (1, 9, 11), 60.0)
