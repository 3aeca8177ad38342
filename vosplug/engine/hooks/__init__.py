"""Hooks; those that define ``after_frame`` receive every result of :mod:`vosplug.engine.loops`."""

from .atomic_checkpoint_hook import AtomicCheckpointHook
from .clip_gap_hook import ClipGapHook
from .curriculum_hook import CurriculumHook
from .loss_ramp_hook import LossRampHook
from .mask_writer_hook import MaskWriterHook
from .overlay_hook import OverlayHook
from .report_hook import ReportHook

__all__ = [
    'AtomicCheckpointHook',
    'ClipGapHook',
    'CurriculumHook',
    'LossRampHook',
    'MaskWriterHook',
    'OverlayHook',
    'ReportHook',
]
