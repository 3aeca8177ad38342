"""Everything with parameters, and the losses."""

from .backbones import MobileNetV2
from .data_preprocessor import VOSDataPreprocessor
from .heads import SpaceTimeDecodeHead
from .initializers import FilledBoxInitializer
from .losses import (
    BoxBackgroundLoss,
    BoxProjectionLoss,
    ColorPairwiseLoss,
    PartiallyHuberisedCrossEntropyLoss,
)
from .memory import CosineKeyProjection, MaskValueEncoder
from .necks import TopDownNeck
from .segmentors import STM, BaseVideoSegmentor

__all__ = [
    'STM',
    'BaseVideoSegmentor',
    'BoxBackgroundLoss',
    'BoxProjectionLoss',
    'ColorPairwiseLoss',
    'CosineKeyProjection',
    'FilledBoxInitializer',
    'MaskValueEncoder',
    'MobileNetV2',
    'PartiallyHuberisedCrossEntropyLoss',
    'SpaceTimeDecodeHead',
    'TopDownNeck',
    'VOSDataPreprocessor',
]
