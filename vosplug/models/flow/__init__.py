"""Optical flow: providers, and a video seen through the magnitude of its flow."""

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
