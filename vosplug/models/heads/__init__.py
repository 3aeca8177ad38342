"""Mask decoders."""

from ..blocks import ResidualBlock
from .base_head import BaseMaskHead
from .refinement_decode_head import RefinementDecodeHead
from .sensory_decode_head import SensoryDecodeHead
from .space_time_decode_head import SpaceTimeDecodeHead

__all__ = [
    'BaseMaskHead',
    'RefinementDecodeHead',
    'ResidualBlock',
    'SensoryDecodeHead',
    'SpaceTimeDecodeHead',
]
