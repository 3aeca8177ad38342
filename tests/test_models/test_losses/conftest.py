"""Numbers of the original implementations; the json beside each npz says how they were made."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from golden_inputs import randn

DATA = Path(__file__).parents[2] / 'data' / 'goldens'


def load(case: str) -> dict:
    """Arrays as tensors, and ``values``: iteration -> loss -> number."""
    with np.load(DATA / f'{case}.npz') as arrays:
        found = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return {**found, 'values': json.loads((DATA / f'{case}.json').read_text())['values']}


@pytest.fixture(scope='session')
def golden() -> dict:
    """Of BoxInst (AdelaiDet)."""
    return load('loss_boxinst')


@pytest.fixture(scope='session')
def xmem_golden() -> dict:
    """Of XMem."""
    return load('xmem_losses')


@pytest.fixture(scope='session')
def maskfreevis() -> dict:
    """Of MaskFreeVIS: three objects in three frames; ``clip`` says in which of the two clips each one is."""
    found = load('loss_maskfreevis')
    found['lab'] = found['lab'].unflatten(0, (2, 3))
    # fractions where the border of a box cuts through a pixel
    found['box_masks'] = F.interpolate(found['target_masks'].float(), (24, 32), mode='bilinear')
    found['clip'] = torch.tensor([0, 0, 1])
    return found


MATCHED = torch.tensor([0, 0, 1]), torch.tensor([4, 1, 2])  # clip and query of each object


@pytest.fixture
def queries() -> torch.Tensor:
    """Logits (2, 5, 3, 24, 32) of MaskFreeVIS."""
    return randn(430, (2, 5, 3, 24, 32), 2.0).requires_grad_()


@pytest.fixture
def tracks(queries) -> torch.Tensor:
    """Logits (3, 3, 24, 32), object by frame, of the queries matched with the objects."""
    return queries[MATCHED]


@pytest.fixture(scope='session')
def xmem_target() -> torch.Tensor:
    """Labels (2, 4, 48, 64) of XMem's clips, with three and two objects."""
    rng = np.random.default_rng(300)
    return torch.from_numpy(np.stack([rng.integers(0, n + 1, (4, 1, 48, 64)) for n in (3, 2)])[:, :, 0])


@pytest.fixture
def xmem_logits() -> list[torch.Tensor]:
    """Logits (2, 4, 48, 64) of frames 1 to 3."""
    return [randn(310 + t, (2, 4, 48, 64), 2.0).requires_grad_() for t in (1, 2, 3)]


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
