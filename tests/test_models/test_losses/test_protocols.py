"""Every loss fulfils its protocol."""

import functools

import pytest
from loss_tester import BoxLossTester, ObjectLossTester, PixelLossTester

from vosplug.models import losses
from vosplug.registry import MODELS

PIXEL_LOSSES = [
    dict(type='BootstrappedCrossEntropyLoss', top_p=0.3),
    dict(type='PartiallyHuberisedCrossEntropyLoss'),
    dict(type='SoftJaccardLoss'),
]
OBJECT_LOSSES = [
    dict(type='ObjectBinaryCrossEntropyLoss'),
    dict(type='ObjectDiceLoss'),
    dict(type='ObjectLovaszLoss'),
]
BOX_LOSSES = [
    dict(type='BoxBackgroundLoss'),
    dict(type='BoxTightnessMILLoss'),
    dict(type='DenseCRFLoss'),
    *(
        dict(type='BoxProjectionLoss', reduce=reduce, dice=dice)
        for reduce, dice in (
            ('object', 'squared'),
            ('batch', 'smooth'),
            ('column', 'smooth'),
            ('grid', 'squared'),
        )
    ),
    dict(type='BoxProjectionLoss', merge_objects=True),
    *(dict(type='ColorPairwiseLoss', stride=2, average=average) for average in ('matches', 'pixels')),
    *(
        dict(type='TemporalPatchConsistencyLoss', stride=2, search_dilation=1, average=average, top_k=top_k)
        for average, top_k in (('matches', 5), ('pixels', None))
    ),
]


def idents(config: dict) -> str:
    return '-'.join(str(value) for value in config.values())


class OfConfig:
    @pytest.fixture(autouse=True)
    def build(self, config):
        self.make_loss = functools.partial(MODELS.build, config)


@pytest.mark.parametrize('config', BOX_LOSSES, ids=idents)
class TestBoxLosses(OfConfig, BoxLossTester):
    def test_it_works_on_single_images(self, config):
        if config['type'] == 'TemporalPatchConsistencyLoss':
            pytest.skip('compares frames')
        super().test_it_works_on_single_images()


@pytest.mark.parametrize('config', OBJECT_LOSSES, ids=idents)
class TestObjectLosses(OfConfig, ObjectLossTester):
    pass


@pytest.mark.parametrize('config', PIXEL_LOSSES, ids=idents)
class TestPixelLosses(OfConfig, PixelLossTester):
    pass


def test_no_loss_is_left_out():
    tested = {config['type'] for config in (*PIXEL_LOSSES, *OBJECT_LOSSES, *BOX_LOSSES)}
    assert {name for name in losses.__all__ if name.endswith('Loss')} - {
        'BoxLoss',
        'ObjectLoss',
        'PixelLoss',
    } <= tested
