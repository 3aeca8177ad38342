"""One component of each kind, registered from outside vosplug by importing this package."""

from .backbone import PlainBackbone
from .box_loss import BoxAreaLoss
from .box_to_mask import EllipseInitializer
from .dataset import MovingSquares
from .flow import FarnebackFlow
from .loss import GeneralisedCrossEntropyLoss
from .memory import TwoFrameMemory
from .object_loss import TverskyLoss
from .postprocess import LargestComponent
from .tracker import ColourHistogramTracker

__all__ = [
    'BoxAreaLoss',
    'ColourHistogramTracker',
    'EllipseInitializer',
    'FarnebackFlow',
    'GeneralisedCrossEntropyLoss',
    'LargestComponent',
    'MovingSquares',
    'PlainBackbone',
    'TverskyLoss',
    'TwoFrameMemory',
]
