"""What is remembered of past frames, and how it is read."""

from .key_projection import (
    AnisotropicKey,
    AnisotropicKeyProjection,
    CosineAnisotropicKeyProjection,
    CosineKeyProjection,
)
from .long_term_memory import LongTermMemory
from .sensory import GatedUpdate, MultiScaleUpdate
from .space_time_read import (
    anisotropic_similarity,
    match_weights,
    read_values,
    space_time_read,
    squared_distance_similarity,
    usage_of,
)
from .value_encoder import FusionValueEncoder, MaskValueEncoder
from .working_memory import WorkingMemory

__all__ = [
    'AnisotropicKey',
    'AnisotropicKeyProjection',
    'CosineAnisotropicKeyProjection',
    'CosineKeyProjection',
    'FusionValueEncoder',
    'GatedUpdate',
    'LongTermMemory',
    'MaskValueEncoder',
    'MultiScaleUpdate',
    'WorkingMemory',
    'anisotropic_similarity',
    'match_weights',
    'read_values',
    'space_time_read',
    'squared_distance_similarity',
    'usage_of',
]
