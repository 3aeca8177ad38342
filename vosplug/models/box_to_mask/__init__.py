"""Box-to-mask models, for prompts, for the first frames of training clips, and for making datasets."""

from .base import BoxToMask, NetworkBoxToMask
from .box2seg import Box2Seg
from .box2seg_initializer import Box2SegInitializer
from .filled_box import FilledBoxInitializer
from .frame_fusion import ConcatFusion, FilterFusion, MatchingFusion
from .grabcut import GrabCutInitializer
from .onnx_initializer import ONNXBoxInitializer
from .sta_initializer import STAInitializer, nearest_frames
from .sta_net import STANet
from .wrapped import as_box_to_mask

__all__ = [
    'Box2Seg',
    'Box2SegInitializer',
    'BoxToMask',
    'ConcatFusion',
    'FilledBoxInitializer',
    'FilterFusion',
    'GrabCutInitializer',
    'MatchingFusion',
    'NetworkBoxToMask',
    'ONNXBoxInitializer',
    'STAInitializer',
    'STANet',
    'as_box_to_mask',
    'nearest_frames',
]
