"""One segmentor per method, each a thin composition of registered parts."""

from ..aggregation import soft_aggregate
from .base import BaseVideoSegmentor
from .box2seg import Box2Seg
from .matching import MatchingSegmentor
from .stm import STM
from .xmem import XMem

__all__ = ['STM', 'BaseVideoSegmentor', 'Box2Seg', 'MatchingSegmentor', 'XMem', 'soft_aggregate']
