"""Models: backbones, memories, heads, losses, box-to-mask models, optical flow and segmentors."""

from .aggregation import MaxScoreAggregation, SoftAggregation
from .backbones import DeepLabVGG16, ExtraChannelResNet, MobileNetV2, Xception65
from .box_crop_preprocessor import BoxCropPreprocessor
from .box_to_mask import Box2Seg, Box2SegInitializer, BoxToMask, FilledBoxInitializer, GrabCutInitializer
from .data_preprocessor import VOSDataPreprocessor
from .flow import (
    CachedFlow,
    DISFlow,
    FlowFiles,
    FlowMagnitudeSource,
    FlowProvider,
    ImagePairFlow,
    flow_magnitude,
)
from .heads import DeepLabV2Head, RefinementDecodeHead, SensoryDecodeHead, SpaceTimeDecodeHead
from .losses import (
    BootstrappedCrossEntropyLoss,
    BoxBackgroundLoss,
    BoxProjectionLoss,
    BoxTightnessMILLoss,
    ColorPairwiseLoss,
    ObjectBinaryCrossEntropyLoss,
    ObjectDiceLoss,
    PartiallyHuberisedCrossEntropyLoss,
    TemporalPatchConsistencyLoss,
)
from .memory import (
    AnisotropicKeyProjection,
    BaseMemory,
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
from .postprocess import DenseCRF
from .segmentors import STM, BaseVideoSegmentor, MaskTrack, MaskTrackInitializer, StreamingModel, XMem
from .streaming import Frame, OnlineAdapter, StreamingSegmentor, VideoInfo

__all__ = [
    'STM',
    'AnisotropicKeyProjection',
    'BaseMemory',
    'BaseVideoSegmentor',
    'BootstrappedCrossEntropyLoss',
    'Box2Seg',
    'Box2SegInitializer',
    'BoxBackgroundLoss',
    'BoxCropPreprocessor',
    'BoxProjectionLoss',
    'BoxTightnessMILLoss',
    'BoxToMask',
    'CachedFlow',
    'ColorPairwiseLoss',
    'ConvKeyProjection',
    'CosineAnisotropicKeyProjection',
    'CosineKeyProjection',
    'DeepLabV2Head',
    'DeepLabVGG16',
    'DISFlow',
    'DenseCRF',
    'ExtraChannelResNet',
    'FilledBoxInitializer',
    'FlowFiles',
    'FlowMagnitudeSource',
    'FlowProvider',
    'Frame',
    'FusionValueEncoder',
    'GatedUpdate',
    'GrabCutInitializer',
    'ImagePairFlow',
    'KeyValueEncoder',
    'LongTermMemory',
    'MaskTrack',
    'MaskTrackInitializer',
    'MaskValueEncoder',
    'MaxScoreAggregation',
    'MobileNetV2',
    'MultiScaleUpdate',
    'ObjectBinaryCrossEntropyLoss',
    'ObjectDiceLoss',
    'OnlineAdapter',
    'PartiallyHuberisedCrossEntropyLoss',
    'RefinementDecodeHead',
    'SensoryDecodeHead',
    'SoftAggregation',
    'SpaceTimeDecodeHead',
    'StreamingModel',
    'StreamingSegmentor',
    'TemporalPatchConsistencyLoss',
    'TopDownNeck',
    'VOSDataPreprocessor',
    'VideoInfo',
    'WorkingMemory',
    'XMem',
    'Xception65',
    'flow_magnitude',
]
