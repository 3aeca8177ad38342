"""Applies image transforms of other OpenMMLab packages to every frame of a clip."""

import random

import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS


@TRANSFORMS.register_module()
class PerFrame(BaseTransform):
    """Run image transforms (those that read and write ``img``) on every frame of a clip.

    Args:
        transforms: transform configs, such as ``dict(type='mmseg.PhotoMetricDistortion')``.
        same_for_clip: use the same random numbers for all frames of the clip; works for transforms
            that draw from ``numpy.random`` or ``random``.
    """

    def __init__(self, transforms: list[dict], same_for_clip: bool = True) -> None:
        self.transforms = [TRANSFORMS.build(cfg) for cfg in transforms]
        self.same_for_clip = same_for_clip

    def transform(self, results: dict) -> dict:
        """See the class."""
        state, python_state = np.random.get_state(), random.getstate()
        for k, image in enumerate(results['imgs']):
            if self.same_for_clip:
                np.random.set_state(state)
                random.setstate(python_state)
            frame = {'img': np.ascontiguousarray(image)}
            for transform in self.transforms:
                frame = transform(frame)
            results['imgs'][k] = frame['img']
        return results
