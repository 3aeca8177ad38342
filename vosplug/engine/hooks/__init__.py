"""Hooks; those with ``after_frame`` see every result of :mod:`vosplug.engine.loops`."""

from .mask_writer_hook import MaskWriterHook
from .overlay_hook import OverlayHook

__all__ = ['MaskWriterHook', 'OverlayHook']
