"""Detection of scene cuts: frames whose colours differ from those of the frame before."""

from collections import deque

import cv2
import numpy as np

# bins per channel and their ends; the second grid is shifted by half a bin, so that colours which change a
# little change bins in one of them only
_GRIDS = ((8, [0, 256]), (9, [-16, 272]))
_THUMBNAIL = (64, 36)  # width and height at which colours are counted
_DISTANCE = 0.35  # in DAVIS 2016 training sequences, motion reaches 0.19; cuts between them begin at 0.49
_TIMES_USUAL = 3.0  # of the usual distance: fast motion, or frames far apart, are not cuts
_USUAL = 10  # frames that define the usual distance
_STILL = 0.02  # lower bound of the usual distance


class CutDetector:
    """Finds scene cuts in frames that come in order, by the distance of colour histograms.

    A dissolve is not a cut; a flash is two.
    """

    def __init__(self) -> None:
        self._last: list[np.ndarray] = []
        self._distances: deque[float] = deque(maxlen=_USUAL)

    def __call__(self, image: np.ndarray) -> float:
        """Distance of a frame to the one before, in (0, 1], if there is a cut between them, otherwise 0.

        Args:
            image: uint8 (H, W, 3) BGR.
        """
        small = cv2.resize(image, _THUMBNAIL, interpolation=cv2.INTER_AREA)
        histograms = [
            cv2.calcHist([small], [0, 1, 2], None, [bins] * 3, ends * 3) / small[..., 0].size
            for bins, ends in _GRIDS
        ]
        last, self._last = self._last, histograms
        if not last:
            return 0.0
        distance = 1 - max(float(np.minimum(*pair).sum()) for pair in zip(histograms, last, strict=True))
        usual = max(_STILL, float(np.median(self._distances)) if self._distances else 0.0)
        if distance > _DISTANCE and distance > _TIMES_USUAL * usual:
            self._distances.clear()
            return distance
        self._distances.append(distance)
        return 0.0
