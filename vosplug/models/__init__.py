"""Everything with parameters, and the losses."""

from .backbones import ExtraChannelResNet, MobileNetV2
from .data_preprocessor import VOSDataPreprocessor
from .heads import SensoryDecodeHead, SpaceTimeDecodeHead
from .initializers import FilledBoxInitializer
from .losses import (
    BootstrappedCrossEntropyLoss,
    BoxBackgroundLoss,
    BoxProjectionLoss,
    BoxTightnessMILLoss,
    ColorPairwiseLoss,
    ObjectDiceLoss,
    PartiallyHuberisedCrossEntropyLoss,
    TemporalPatchConsistencyLoss,
)
from .memory import (
    AnisotropicKeyProjection,
    CosineAnisotropicKeyProjection,
    CosineKeyProjection,
    FusionValueEncoder,
    GatedUpdate,
    LongTermMemory,
    MaskValueEncoder,
    MultiScaleUpdate,
    WorkingMemory,
)
from .necks import TopDownNeck
from .segmentors import STM, BaseVideoSegmentor, XMem

__all__ = [
    'STM',
    'AnisotropicKeyProjection',
    'BaseVideoSegmentor',
    'BootstrappedCrossEntropyLoss',
    'BoxBackgroundLoss',
    'BoxProjectionLoss',
    'BoxTightnessMILLoss',
    'ColorPairwiseLoss',
    'CosineAnisotropicKeyProjection',
    'CosineKeyProjection',
    'ExtraChannelResNet',
    'FilledBoxInitializer',
    'FusionValueEncoder',
    'GatedUpdate',
    'LongTermMemory',
    'MaskValueEncoder',
    'MobileNetV2',
    'MultiScaleUpdate',
    'ObjectDiceLoss',
    'PartiallyHuberisedCrossEntropyLoss',
    'SensoryDecodeHead',
    'SpaceTimeDecodeHead',
    'TemporalPatchConsistencyLoss',
    'TopDownNeck',
    'VOSDataPreprocessor',
    'WorkingMemory',
    'XMem',
]
