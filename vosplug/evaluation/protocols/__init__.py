"""Benchmark protocols: which frames and objects are scored, and what is reported.

Protocols are built by their names in ``PROTOCOLS``; the attributes of a protocol class are its options.
"""

from .base import PROTOCOLS, Protocol, RunningScores, build_protocol
from .davis import DAVISProtocol
from .masks import MaskProtocol
from .miou import MeanIoUProtocol, YouTubeObjectsProtocol
from .pseudo_label import PseudoLabelProtocol
from .sparse import LongVideoProtocol, SparseProtocol, YouTubeVOSProtocol
from .tracking import BoxProtocol, GOT10kProtocol, OnePassProtocol
from .unsupervised import UnsupervisedProtocol
from .vos_benchmark import VOSBenchmarkProtocol
from .vot2020 import VOT2020Protocol

__all__ = [
    'PROTOCOLS',
    'BoxProtocol',
    'DAVISProtocol',
    'GOT10kProtocol',
    'LongVideoProtocol',
    'MaskProtocol',
    'MeanIoUProtocol',
    'OnePassProtocol',
    'Protocol',
    'PseudoLabelProtocol',
    'RunningScores',
    'SparseProtocol',
    'UnsupervisedProtocol',
    'VOSBenchmarkProtocol',
    'VOT2020Protocol',
    'YouTubeObjectsProtocol',
    'YouTubeVOSProtocol',
    'build_protocol',
]
