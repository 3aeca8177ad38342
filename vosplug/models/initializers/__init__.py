"""Box to mask, for objects that a user starts with a box."""

from .box2seg import Box2SegInitializer
from .filled_box import FilledBoxInitializer
from .grabcut import GrabCutInitializer

__all__ = ['Box2SegInitializer', 'FilledBoxInitializer', 'GrabCutInitializer']
