"""Mask decoders."""

from ..blocks import ResidualBlock
from .base_head import BaseMaskHead
from .deeplab_v2_head import DeepLabV2Head
from .lwl_decode_head import LWLDecodeHead
from .refinement_decode_head import RefinementDecodeHead
from .sensory_decode_head import SensoryDecodeHead
from .space_time_decode_head import SpaceTimeDecodeHead
from .upsampling_decode_head import UpsamplingDecodeHead

__all__ = [
    'BaseMaskHead',
    'DeepLabV2Head',
    'LWLDecodeHead',
    'RefinementDecodeHead',
    'ResidualBlock',
    'SensoryDecodeHead',
    'SpaceTimeDecodeHead',
    'UpsamplingDecodeHead',
]
