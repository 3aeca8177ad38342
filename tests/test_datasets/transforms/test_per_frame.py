"""Image transforms of other packages run on every frame of a clip."""

import random

import numpy as np
import pytest
from mmcv.transforms import BaseTransform

from vosplug.datasets.transforms import PerFrame
from vosplug.registry import TRANSFORMS


@TRANSFORMS.register_module()
class AddPythonNoiseForTest(BaseTransform):
    def transform(self, results: dict) -> dict:
        return dict(results, img=results['img'] + random.randint(0, 99))


@TRANSFORMS.register_module()
class AddNoiseForTest(BaseTransform):
    def transform(self, results: dict) -> dict:
        return dict(results, img=results['img'] + np.random.randint(0, 100))


def noisy(kind: str = 'AddNoiseForTest', **kwargs) -> list[int]:
    clip = dict(imgs=[np.zeros((2, 2, 3), np.uint8)[:, ::-1] for _ in range(8)])
    out = PerFrame([dict(type=kind)], **kwargs)(clip)
    return [int(image[0, 0, 0]) for image in out['imgs']]


@pytest.mark.parametrize('kind', ['AddNoiseForTest', 'AddPythonNoiseForTest'])
def test_one_draw_for_the_clip_another_for_the_next(kind):
    np.random.seed(0)
    random.seed(0)
    values = [noisy(kind) for _ in range(6)]
    assert all(len(set(clip)) == 1 for clip in values) and len({clip[0] for clip in values}) > 3


def test_a_draw_per_frame():
    np.random.seed(0)
    assert len(set(noisy(same_for_clip=False))) > 3


def test_transforms_of_mmseg_keep_the_form_of_a_frame():
    clip = dict(imgs=[np.full((6, 8, 3), 90, np.uint8)] * 2)
    out = PerFrame([dict(type='mmseg.PhotoMetricDistortion')])(clip)['imgs']
    assert all(image.shape == (6, 8, 3) and image.dtype == np.uint8 for image in out)
    assert np.array_equal(*out)


def test_a_clip_turns_grey_as_a_whole():
    np.random.seed(0)
    random.seed(0)
    grey = PerFrame([dict(type='RandomGrayscale', prob=0.3, keep_channels=True)])
    image = np.full((2, 2, 3), (0, 90, 180), np.uint8)
    clips = [grey(dict(imgs=[image] * 3))['imgs'] for _ in range(200)]
    turned = [[len(set(frame[0, 0])) == 1 for frame in clip] for clip in clips]
    assert all(len(set(clip)) == 1 for clip in turned)
    assert 0.2 < np.mean([clip[0] for clip in turned]) < 0.4
