"""What is remembered of past frames, and how it is read."""

from .key_projection import CosineKeyProjection
from .space_time_read import space_time_read, squared_distance_similarity
from .value_encoder import MaskValueEncoder
from .working_memory import WorkingMemory

__all__ = [
    'CosineKeyProjection',
    'MaskValueEncoder',
    'WorkingMemory',
    'space_time_read',
    'squared_distance_similarity',
]
