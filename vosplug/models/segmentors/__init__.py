"""One segmentor per method, each a thin composition of registered parts."""

from .base import BaseVideoSegmentor
from .matching import MatchingSegmentor
from .stm import STM
from .streaming_model import StreamingModel
from .xmem import XMem

__all__ = ['STM', 'BaseVideoSegmentor', 'MatchingSegmentor', 'StreamingModel', 'XMem']
