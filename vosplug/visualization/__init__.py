"""Overlays, animations, plots and reports."""

from ..formats.palette import davis_palette
from .animation import write_gif, write_mp4
from .overlay import draw_overlay
from .report import write_report
from .visualizer import VOSVisualizer

__all__ = ['VOSVisualizer', 'davis_palette', 'draw_overlay', 'write_gif', 'write_mp4', 'write_report']
