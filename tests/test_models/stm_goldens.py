"""The original space-time memory network with the golden's weights, brought in through the converter."""

import json
from functools import partial

import torch
from golden_networks import DATA, build_converted, build_shipped, filled

from vosplug.models.stm_checkpoint import convert_stm

CONFIG = 'stm/stm_r50_static.py'
FACTS = json.loads((DATA / 'stm.json').read_text())
IMAGENET = {'mean': [0.485, 0.456, 0.406], 'std': [0.229, 0.224, 0.225]}
build = partial(build_shipped, CONFIG)


def authors_weights() -> dict[str, torch.Tensor]:
    """The golden's weights in the authors' layout."""
    statistics = {
        f'{encoder}.{name}': torch.tensor(value).view(1, 3, 1, 1)
        for encoder in ('Encoder_M', 'Encoder_Q')
        for name, value in IMAGENET.items()
    }
    return filled(FACTS) | statistics


def build_golden(**memory):
    """The shipped config's model with the golden's weights."""
    return build_converted(CONFIG, convert_stm, authors_weights(), **memory)
