"""Optical flow: providers, and the magnitude of a video's flow as a video."""

from .base import FlowProvider, ImagePairFlow
from .cached import CachedFlow
from .dis import DISFlow
from .flow_files import FlowFiles
from .magnitude import FlowMagnitudeSource, flow_magnitude

__all__ = [
    'CachedFlow',
    'DISFlow',
    'FlowFiles',
    'FlowMagnitudeSource',
    'FlowProvider',
    'ImagePairFlow',
    'flow_magnitude',
]
