"""Loops and hooks around mmengine's Runner."""

from .hooks import LossRampHook, MaskWriterHook, OverlayHook
from .loops import VideoTestLoop, VideoValLoop

__all__ = [
    'LossRampHook',
    'MaskWriterHook',
    'OverlayHook',
    'VideoTestLoop',
    'VideoValLoop',
]
