"""Puts this folder on the path, so that test files share ``segmentor_tester``."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)
