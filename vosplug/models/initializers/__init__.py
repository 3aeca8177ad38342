"""Box to mask, for objects that a user starts with a box."""

from .filled_box import FilledBoxInitializer
from .grabcut import GrabCutInitializer

__all__ = ['FilledBoxInitializer', 'GrabCutInitializer']
