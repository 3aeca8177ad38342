"""Loops, hooks and checkpoints around mmengine's Runner."""

from .checkpoint import load_weights, use_safe_checkpoints
from .hooks import LossRampHook, MaskWriterHook, OverlayHook
from .loops import VideoTestLoop, VideoValLoop

__all__ = [
    'LossRampHook',
    'MaskWriterHook',
    'OverlayHook',
    'VideoTestLoop',
    'VideoValLoop',
    'load_weights',
    'use_safe_checkpoints',
]
