"""Rough masks go through data loaders, geometric transforms, batches and online adaptation."""

import numpy as np
import pytest
import torch
from mmengine.dataset import Compose, pseudo_collate
from rough_masks import MASKS, PLAIN, ellipse, still
from small_data import make_frames
from torch.utils.data import DataLoader

from vosplug.datasets import SyntheticVOS, VideoRecord
from vosplug.datasets.transforms import (
    ClipRandomAffine,
    ClipRandomCrop,
    ClipRandomFlip,
    ClipResize,
    InputMasks,
    LoadClip,
    PackClip,
)
from vosplug.models import VOSDataPreprocessor
from vosplug.models.streaming import augmented_samples, seeded
from vosplug.structures import ArrayAnnotation, ArraySource, stack_fields


def test_workers_and_epochs_show_the_same_variants():
    steps = [dict(type='LoadClip'), dict(type='InputMasks', variants=2), dict(type='PackClip')]

    def seen(workers: int) -> list[set[bytes]]:
        dataset = SyntheticVOS(2, 1, (48, 64), pipeline=steps, clip_sampler=dict(num_frames=1))
        loader = DataLoader(dataset, 1, sampler=[0, 1] * 12, num_workers=workers, collate_fn=pseudo_collate)
        found = {}
        for batch in loader:
            sample = batch['data_samples'][0]
            for object_id, mask in zip(sample.object_ids, sample.input_masks[0], strict=True):
                found.setdefault((sample.video_name, object_id), set()).add(mask.numpy().tobytes())
        return found

    alone = seen(0)
    assert {len(masks) for masks in alone.values()} == {2}
    assert alone == seen(1)


MOVES = [
    ClipRandomFlip(prob=1),
    ClipRandomCrop((24, 30)),
    ClipRandomCrop((60, 70), same_for_clip=False),
    ClipResize(size=(96, 128)),
    ClipRandomAffine(jitter=0.5),
]


@pytest.mark.parametrize('move', MOVES, ids=lambda move: type(move).__name__)
def test_geometry_moves_the_masks_with_the_objects(move):
    record = VideoRecord('v', ArraySource(make_frames(MASKS)), ArrayAnnotation(MASKS))
    clip = LoadClip()(dict(record=record, frames=[0, 2], object_ids=[9, 200], kind='mask'))
    np.random.seed(2)
    moved = move(InputMasks(**PLAIN)(clip))
    for masks, id_mask in zip(moved['input_masks'], moved['id_masks'], strict=True):
        assert masks.dtype == np.float32 and 0 <= masks.min() <= masks.max() <= 1
        for slot, mask in enumerate(masks):
            known = id_mask < 255
            assert np.abs(mask - (id_mask == slot + 1))[known].mean() < 0.02
            assert not mask[~known].max(initial=0) > 0.99, 'nothing beyond the frame'
    after = InputMasks()(moved)['input_masks']
    assert after.shape == (2, 2, *moved['imgs'][0].shape[:2])
    assert np.array_equal(after.any((2, 3)), moved['visible'])


def test_the_preprocessor_pads_and_stacks_them():
    clips = [still(ellipse((30, 44), (9, 8))), still(np.concatenate([ellipse(), 2 * ellipse()]), 2)]
    packed = pseudo_collate([PackClip()(InputMasks()(clip)) for clip in clips])
    targets = stack_fields(VOSDataPreprocessor(size_divisor=32)(packed)['data_samples'])
    masks = targets['input_masks']
    assert masks.shape == (2, 2, 2, 256, 160) and masks.dtype == torch.float32
    first = masks[0].clone()
    assert first[0, 0, :30, :44].any()
    first[0, 0, :30, :44] = 0
    assert not first.any() and masks[1].flatten(2).any(2).all()


def test_online_samples_come_from_the_prompted_frame():
    steps = [InputMasks(variants=50), ClipRandomFlip(), ClipRandomAffine(degrees=20), PackClip()]
    samples = augmented_samples(Compose(steps), {'0': lambda: still(ellipse(), 2, '0')})
    with seeded(0):
        drawn = [next(samples)['data_samples'] for _ in range(6)]
    with seeded(0):
        again = augmented_samples(Compose(steps), {'0': lambda: still(ellipse(), 2, '0')})
        assert torch.equal(next(again)['data_samples'].input_masks, drawn[0].input_masks)
    assert len({sample.input_masks.numpy().tobytes() for sample in drawn}) == 6
    for sample in drawn:
        truth = (sample.id_masks == 1).unsqueeze(1)
        overlap = (sample.input_masks * truth).sum((1, 2, 3)) / truth.sum((1, 2, 3))
        assert sample.input_masks.shape == (2, 1, 120, 160) and (overlap > 0.5).all()
