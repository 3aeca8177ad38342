"""A metric that needs no ground truth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from vosplug.evaluation.functional import jaccard_objects
from vosplug.registry import METRICS


@METRICS.register_module()
class TemporalIoUMetric(BaseMetric):
    """IoU of each object's mask with its mask in the frame before: low where masks flicker.

    ``Temporal-IoU`` is the mean over all pairs of frames and the objects in either of them.

    Args:
        kwargs: of mmengine's ``BaseMetric``.
    """

    default_prefix = ''  # names go into the log as they are

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self._previous: np.ndarray | None = None

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Add a number per object; the frames of a video come in order, one video after the other."""
        for sample in data_samples:
            result = sample['result']
            if result.index:
                pair = np.stack([self._previous, result.mask])
                ids = [int(i) for i in np.unique(pair) if i]
                self.results.extend(jaccard_objects(*pair, ids).values())
            self._previous = result.mask

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        """The mean over the numbers of all processes."""
        return {'Temporal-IoU': float(np.mean(results)) if results else float('nan')}
