"""From what was read to masks."""

from .blocks import ResidualBlock
from .space_time_decode_head import SpaceTimeDecodeHead

__all__ = ['ResidualBlock', 'SpaceTimeDecodeHead']
