"""One segmentor per method, each a thin composition of registered parts."""

from .aggregation import soft_aggregate
from .base import BaseVideoSegmentor
from .stm import STM

__all__ = ['STM', 'BaseVideoSegmentor', 'soft_aggregate']
