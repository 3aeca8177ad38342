"""The original space-time memory network with the golden's weights, brought in through the converter."""

import json
from pathlib import Path

import numpy as np
import torch
from golden_recipe import fill_state_dict
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosplug.models.stm_checkpoint import convert_stm
from vosplug.registry import MODELS

REPO = Path(__file__).parents[2]
DATA = REPO / 'tests' / 'data' / 'goldens'
CONFIG = REPO / 'configs' / 'stm' / 'stm_r50_static.py'
FACTS = json.loads((DATA / 'stm.json').read_text())
IMAGENET = {'mean': [0.485, 0.456, 0.406], 'std': [0.229, 0.224, 0.225]}


def authors_weights() -> dict[str, torch.Tensor]:
    """The golden's weights in the authors' layout."""
    filled = fill_state_dict(FACTS['state_dict'], FACTS['gain'])
    state = {key: torch.from_numpy(np.asarray(value)) for key, value in filled.items()}
    for encoder in ('Encoder_M', 'Encoder_Q'):
        for name, value in IMAGENET.items():
            state[f'{encoder}.{name}'] = torch.tensor(value).view(1, 3, 1, 1)
    return state


def build(**memory):
    """The shipped config's model without weights, at the source's resolution."""
    config = Config.fromfile(CONFIG)
    config.merge_from_dict({'model.test_cfg.short_side': None})
    config.model.memory.update(memory)
    init_default_scope('vosplug')
    return MODELS.build(config.model).eval()


def build_golden(**memory):
    """The shipped config's model with the golden's weights."""
    model = build(**memory)
    model.load_state_dict(convert_stm(authors_weights(), model.state_dict())[0])
    return model
