"""A post-processor: ``(frame, probs) -> probs`` at the source's resolution."""

import cv2
import numpy as np
import torch
from torch import Tensor

from vosplug.models import Frame
from vosplug.registry import MODELS


@MODELS.register_module()
class LargestComponent:
    """Assigns all but the largest connected component of every object to the background.

    Args:
        min_share: components with at least this fraction of the largest one's pixels are kept, in [0, 1].
    """

    def __init__(self, min_share: float = 1.0) -> None:
        self.min_share = min_share

    def __call__(self, frame: Frame, probs: Tensor) -> Tensor:
        """Map probabilities (N+1, H, W), background first, to the same shape."""
        probs, labels = probs.clone(), probs.argmax(0).cpu().numpy()
        for slot in range(1, len(probs)):
            parts, found, stats, _ = cv2.connectedComponentsWithStats((labels == slot).astype(np.uint8))
            areas = stats[1:, cv2.CC_STAT_AREA]
            small = [k for k in range(1, parts) if areas[k - 1] < self.min_share * areas.max()]
            given = torch.from_numpy(np.isin(found, small)).to(probs.device)
            probs[0] += probs[slot] * given
            probs[slot] *= ~given
        return probs
