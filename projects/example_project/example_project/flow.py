"""An optical flow provider: two images to the flow from the second to the first."""

import cv2
import numpy as np

from vosplug.models import ImagePairFlow
from vosplug.registry import MODELS


@MODELS.register_module()
class FarnebackFlow(ImagePairFlow):
    """Polynomial expansion (Farnebäck 2003), as in OpenCV.

    Args:
        window: side in pixels of the neighbourhood that shares one motion.
    """

    def __init__(self, window: int = 21) -> None:
        self.window = window

    @property
    def settings(self) -> dict:
        """See the base; cached flow of other settings is not used."""
        return dict(window=self.window, opencv=cv2.__version__)

    def between(self, previous, image) -> np.ndarray:
        """See the base."""
        start, end = (cv2.cvtColor(x, cv2.COLOR_BGR2GRAY) for x in (image, previous))
        return cv2.calcOpticalFlowFarneback(start, end, None, 0.5, 4, self.window, 3, 7, 1.5, 0)
