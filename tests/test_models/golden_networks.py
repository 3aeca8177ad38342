"""Published networks at the source's resolution, and the goldens' weights."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from golden_recipe import fill_state_dict
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosplug.registry import MODELS

REPO = Path(__file__).parents[2]
DATA = REPO / 'tests' / 'data' / 'goldens'


def filled(facts: dict) -> dict[str, torch.Tensor]:
    """The weights that a golden describes, in the authors' layout."""
    state = fill_state_dict(facts['state_dict'], facts['gain'])
    return {key: torch.from_numpy(np.asarray(value)) for key, value in state.items()}


def build_shipped(config: str, **memory):
    """A shipped config's model without weights."""
    cfg = Config.fromfile(REPO / 'configs' / config)
    cfg.merge_from_dict({'model.test_cfg.short_side': None})
    cfg.model.memory.update(memory)
    init_default_scope('vosplug')
    return MODELS.build(cfg.model).eval()


def build_converted(config: str, convert: Callable, weights: dict[str, torch.Tensor], **memory):
    """A shipped config's model with weights in the authors' layout."""
    model = build_shipped(config, **memory)
    model.load_state_dict(convert(weights, model.state_dict())[0])
    return model
