"""One segmentor per method, each a thin composition of registered parts."""

from .base import BaseVideoSegmentor
from .lwl import LWL
from .lwl_box import LWLBox
from .mask_track import MaskTrack
from .mask_track_initializer import MaskTrackInitializer
from .matching import MatchingSegmentor
from .seq2seq import Seq2Seq
from .stm import STM
from .streaming_model import StreamingModel
from .xmem import XMem

__all__ = [
    'LWL',
    'STM',
    'BaseVideoSegmentor',
    'LWLBox',
    'MaskTrack',
    'MaskTrackInitializer',
    'MatchingSegmentor',
    'Seq2Seq',
    'StreamingModel',
    'XMem',
]
