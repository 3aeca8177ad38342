"""Puts this folder on the path, so that test files share ``segmentor_tester``."""

import logging

import pytest
import torch
from mmengine.logging import MMLogger


@pytest.fixture(autouse=True)
def _seeded_and_quiet():
    torch.manual_seed(0)
    MMLogger.get_current_instance().setLevel(logging.WARNING)
