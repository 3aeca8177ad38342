"""Box to mask: for prompts, for the start of training clips, and for making datasets."""

from .base import BoxToMask, NetworkBoxToMask
from .box2seg import Box2Seg
from .box2seg_initializer import Box2SegInitializer, as_box_to_mask
from .filled_box import FilledBoxInitializer
from .grabcut import GrabCutInitializer

__all__ = [
    'Box2Seg',
    'Box2SegInitializer',
    'BoxToMask',
    'NetworkBoxToMask',
    'FilledBoxInitializer',
    'GrabCutInitializer',
    'as_box_to_mask',
]
