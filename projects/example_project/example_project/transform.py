"""A geometric transform of clips: images, masks, boxes and every registered map turn together."""

import numpy as np
from mmcv.transforms import BaseTransform

from vosplug.datasets.transforms import move_maps, update_boxes
from vosplug.registry import TRANSFORMS


@TRANSFORMS.register_module()
class ClipRandomRotate90(BaseTransform):
    """Turn a whole clip by a multiple of 90 degrees, for videos without an upright direction.

    Args:
        prob: probability per clip; each of the three turns is as likely.
    """

    def __init__(self, prob: float = 0.75) -> None:
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Draws from ``numpy.random``, which the data loader seeds in each worker."""
        if np.random.rand() < self.prob:
            for _ in range(np.random.randint(1, 4)):
                results = quarter_turn(results)
        return results


def quarter_turn(results: dict) -> dict:
    """Turn a clip by 90 degrees, counter-clockwise."""
    height, width = results['imgs'][0].shape[:2]
    results['imgs'] = [np.rot90(image) for image in results['imgs']]
    move_maps(results, (width, height), lambda plane, k, field: np.rot90(plane))
    x1, y1, x2, y2 = np.moveaxis(results['boxes'], -1, 0)
    results['boxes'] = np.stack([y1, width - x2, y2, width - x1], -1)
    return update_boxes(results)
