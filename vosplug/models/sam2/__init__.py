"""SAM 2 through Hugging Face transformers: a tracker and a box-to-mask model; the extra ``sam2``."""

from .box_initializer import SAM2BoxInitializer
from .tracker import SAM2Tracker

__all__ = ['SAM2BoxInitializer', 'SAM2Tracker']
