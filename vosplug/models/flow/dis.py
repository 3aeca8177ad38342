"""Optical flow by dense inverse search."""

import cv2
import numpy as np

from ...errors import ConfigError
from ...registry import MODELS
from .base import ImagePairFlow

PRESETS = dict(
    ultrafast=cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    fast=cv2.DISOPTICAL_FLOW_PRESET_FAST,
    medium=cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
)
MIN_SIDE = 32  # OpenCV 5.0 crashes on some images with a shorter side


@MODELS.register_module()
class DISFlow(ImagePairFlow):
    """Dense inverse search (Kroeger et al. 2016), as in OpenCV; needs no weights.

    Args:
        preset: ``'ultrafast'``, ``'fast'`` or ``'medium'``; about 9, 16 and 70 ms for 480x854 pixels on one
            core.

    Raises:
        ConfigError: an unknown preset.
    """

    def __init__(self, preset: str = 'medium') -> None:
        if preset not in PRESETS:
            raise ConfigError(f'DISFlow.preset: found {preset!r}, expected one of {list(PRESETS)}.')
        self.preset = preset

    @property
    def settings(self) -> dict:
        """Preset and OpenCV's version."""
        return dict(preset=self.preset, opencv=cv2.__version__)

    def between(self, previous: np.ndarray, image: np.ndarray) -> np.ndarray:
        """See the base."""
        height, width = image.shape[:2]
        dis = cv2.DISOpticalFlow.create(PRESETS[self.preset])
        # None: no initial flow, which OpenCV's type stubs do not allow
        flow = dis.calc(_large_grey(image), _large_grey(previous), None)  # type: ignore[call-overload]
        return np.ascontiguousarray(flow[:height, :width])


def _large_grey(image: np.ndarray) -> np.ndarray:
    """Greyscale image, padded at the bottom and right to at least :data:`MIN_SIDE` by replication."""
    bottom, right = (max(MIN_SIDE - side, 0) for side in image.shape[:2])
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.copyMakeBorder(grey, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
