"""The published network with the goldens' weights, brought in through the converter."""

import json
from pathlib import Path

import numpy as np
import torch
from golden_recipe import fill_state_dict
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosplug.models.xmem_checkpoint import convert_xmem
from vosplug.registry import MODELS

REPO = Path(__file__).parents[2]
DATA = REPO / 'tests' / 'data' / 'goldens'
CONFIG = REPO / 'configs' / 'xmem' / 'xmem_r50-r18_davis17.py'
MEMORY = (
    'mem_every', 'deep_update_every', 'enable_long_term', 'min_mid_term_frames', 'max_mid_term_frames',
    'num_prototypes', 'max_long_term_elements', 'top_k',
)  # fmt: skip


def case(name: str) -> tuple[dict, dict[str, np.ndarray]]:
    """What a golden says of itself, and its arrays."""
    with np.load(DATA / f'{name}.npz') as arrays:
        return json.loads((DATA / f'{name}.json').read_text()), dict(arrays)


def authors_weights() -> dict[str, torch.Tensor]:
    """The goldens' weights in the authors' layout."""
    facts = json.loads((DATA / 'xmem_modules.json').read_text())
    filled = fill_state_dict(facts['state_dict'], facts['gain'])
    return {key: torch.from_numpy(np.asarray(value)) for key, value in filled.items()}


def build(**memory):
    """The shipped config's model without weights, at the source's resolution."""
    config = Config.fromfile(CONFIG)
    config.merge_from_dict({'model.test_cfg.short_side': None})
    config.model.memory.update(memory)
    init_default_scope('vosplug')
    return MODELS.build(config.model).eval()


def build_golden(**memory):
    """The shipped config's model with the goldens' weights."""
    model = build(**memory)
    model.load_state_dict(convert_xmem(authors_weights(), model.state_dict())[0])
    return model
