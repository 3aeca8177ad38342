"""Memories: storage of past frames, and its readout."""

from .base_memory import BaseMemory
from .conv_lstm import ConvLSTM, LSTMState
from .few_shot_memory import FewShotMemory, FewShotState, sample_shares
from .filter_learner import FilterLearner, apply_filters
from .key_projection import (
    AnisotropicKey,
    AnisotropicKeyProjection,
    ConvKeyProjection,
    CosineAnisotropicKeyProjection,
    CosineKeyProjection,
)
from .label_encoder import BoxFeatureEncoder, BoxLabelEncoder, FilterFeatures, MaskLabelEncoder
from .long_term_memory import LongTermMemory
from .sensory import GatedUpdate, MultiScaleUpdate
from .space_time_read import (
    anisotropic_similarity,
    dot_similarity,
    match_weights,
    read_objects,
    read_values,
    space_time_read,
    squared_distance_similarity,
    usage_of,
)
from .value_encoder import FusionValueEncoder, KeyValueEncoder, MaskValueEncoder
from .working_memory import WorkingMemory

__all__ = [
    'AnisotropicKey',
    'AnisotropicKeyProjection',
    'BaseMemory',
    'BoxFeatureEncoder',
    'BoxLabelEncoder',
    'ConvKeyProjection',
    'ConvLSTM',
    'CosineAnisotropicKeyProjection',
    'CosineKeyProjection',
    'FewShotMemory',
    'FewShotState',
    'FilterFeatures',
    'FilterLearner',
    'FusionValueEncoder',
    'GatedUpdate',
    'KeyValueEncoder',
    'LSTMState',
    'LongTermMemory',
    'MaskLabelEncoder',
    'MaskValueEncoder',
    'MultiScaleUpdate',
    'WorkingMemory',
    'anisotropic_similarity',
    'apply_filters',
    'dot_similarity',
    'match_weights',
    'read_objects',
    'read_values',
    'sample_shares',
    'space_time_read',
    'squared_distance_similarity',
    'usage_of',
]
