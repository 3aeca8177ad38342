"""The published XMem with the goldens' weights, brought in through the converter."""

import json
from functools import partial

import numpy as np
import torch
from golden_networks import DATA, build_converted, build_shipped, filled

from vosplug.models.xmem_checkpoint import convert_xmem

CONFIG = 'xmem/xmem_r50-r18_davis17.py'
MEMORY = (
    'mem_every', 'deep_update_every', 'enable_long_term', 'min_mid_term_frames', 'max_mid_term_frames',
    'num_prototypes', 'max_long_term_elements', 'top_k',
)  # fmt: skip
build = partial(build_shipped, CONFIG)


def case(name: str) -> tuple[dict, dict[str, np.ndarray]]:
    """What a golden says of itself, and its arrays."""
    with np.load(DATA / f'{name}.npz') as arrays:
        return json.loads((DATA / f'{name}.json').read_text()), dict(arrays)


def authors_weights() -> dict[str, torch.Tensor]:
    """The goldens' weights in the authors' layout."""
    return filled(json.loads((DATA / 'xmem_modules.json').read_text()))


def build_golden(**memory):
    """The shipped config's model with the goldens' weights."""
    return build_converted(CONFIG, convert_xmem, authors_weights(), **memory)
