"""Loops and hooks around mmengine's Runner."""

from .hooks import AtomicCheckpointHook, LossRampHook, MaskWriterHook, OverlayHook
from .loops import VideoTestLoop, VideoValLoop
from .train_loop import VideoTrainLoop

__all__ = [
    'AtomicCheckpointHook',
    'LossRampHook',
    'MaskWriterHook',
    'OverlayHook',
    'VideoTestLoop',
    'VideoTrainLoop',
    'VideoValLoop',
]
