"""Checkpoints: read as data, never executed, and checked against the model."""

from .files import TRUSTED_FILES, read_checkpoint
from .sources import use_safe_checkpoints
from .weights import check_weights, load_weights, publish, weights_of, write_safetensors

__all__ = [
    'TRUSTED_FILES',
    'check_weights',
    'load_weights',
    'publish',
    'read_checkpoint',
    'use_safe_checkpoints',
    'weights_of',
    'write_safetensors',
]

use_safe_checkpoints()
