"""One component of each kind, registered from outside vosplug by importing this package."""

from .backbone import PlainBackbone
from .box_loss import BoxAreaLoss
from .box_to_mask import EllipseInitializer
from .dataset import MovingSquares
from .flow import FarnebackFlow
from .hook import ObjectAreaHook
from .loss import GeneralisedCrossEntropyLoss
from .memory import TwoFrameMemory
from .method import PreviousMask
from .metric import TemporalIoUMetric
from .object_loss import TverskyLoss
from .postprocess import LargestComponent
from .protocol import SurvivalProtocol
from .tracker import ColourHistogramTracker
from .transform import ClipRandomRotate90

__all__ = [
    'BoxAreaLoss',
    'ClipRandomRotate90',
    'ColourHistogramTracker',
    'EllipseInitializer',
    'FarnebackFlow',
    'GeneralisedCrossEntropyLoss',
    'LargestComponent',
    'MovingSquares',
    'ObjectAreaHook',
    'PlainBackbone',
    'PreviousMask',
    'SurvivalProtocol',
    'TemporalIoUMetric',
    'TverskyLoss',
    'TwoFrameMemory',
]
