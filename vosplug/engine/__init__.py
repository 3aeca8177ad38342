"""Loops, hooks and checkpoints around mmengine's Runner."""

from .checkpoint import load_weights, use_safe_checkpoints
from .hooks import MaskWriterHook, OverlayHook
from .loops import VideoTestLoop, VideoValLoop

__all__ = [
    'MaskWriterHook',
    'OverlayHook',
    'VideoTestLoop',
    'VideoValLoop',
    'load_weights',
    'use_safe_checkpoints',
]
