"""The training contract: initial masks of clips and propagation through them."""

from .propagation import ClipModel, propagate, split_frames
from .start import start_masks, teacher_masks

__all__ = ['ClipModel', 'propagate', 'split_frames', 'start_masks', 'teacher_masks']
