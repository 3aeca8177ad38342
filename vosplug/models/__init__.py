"""Everything with parameters, and the losses."""

from .backbones import ExtraChannelResNet, MobileNetV2, Xception65
from .box_crop_preprocessor import BoxCropPreprocessor
from .data_preprocessor import VOSDataPreprocessor
from .heads import RefinementDecodeHead, SensoryDecodeHead, SpaceTimeDecodeHead
from .initializers import Box2SegInitializer, FilledBoxInitializer, GrabCutInitializer
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
    ConvKeyProjection,
    CosineAnisotropicKeyProjection,
    CosineKeyProjection,
    FusionValueEncoder,
    GatedUpdate,
    KeyValueEncoder,
    LongTermMemory,
    MaskValueEncoder,
    MultiScaleUpdate,
    WorkingMemory,
)
from .necks import TopDownNeck
from .segmentors import STM, BaseVideoSegmentor, Box2Seg, XMem

__all__ = [
    'STM',
    'AnisotropicKeyProjection',
    'BaseVideoSegmentor',
    'BootstrappedCrossEntropyLoss',
    'Box2Seg',
    'Box2SegInitializer',
    'BoxBackgroundLoss',
    'BoxCropPreprocessor',
    'BoxProjectionLoss',
    'BoxTightnessMILLoss',
    'ColorPairwiseLoss',
    'ConvKeyProjection',
    'CosineAnisotropicKeyProjection',
    'CosineKeyProjection',
    'ExtraChannelResNet',
    'FilledBoxInitializer',
    'FusionValueEncoder',
    'GatedUpdate',
    'GrabCutInitializer',
    'KeyValueEncoder',
    'LongTermMemory',
    'MaskValueEncoder',
    'MobileNetV2',
    'MultiScaleUpdate',
    'ObjectDiceLoss',
    'PartiallyHuberisedCrossEntropyLoss',
    'RefinementDecodeHead',
    'SensoryDecodeHead',
    'SpaceTimeDecodeHead',
    'TemporalPatchConsistencyLoss',
    'TopDownNeck',
    'VOSDataPreprocessor',
    'WorkingMemory',
    'XMem',
    'Xception65',
]
