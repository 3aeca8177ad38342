"""Maps that a method registers go through the pipeline like the clip's own."""

import numpy as np
import pytest
from box_clips import clips
from hypothesis import given
from hypothesis import strategies as st
from small_data import TRAIN_PIPELINE

from vosplug.datasets import SyntheticVOS
from vosplug.datasets.transforms import (
    ClipRandomAffine,
    ClipRandomCrop,
    ClipRandomFlip,
    ClipRandomResizedCrop,
    ClipResize,
    PackClip,
)
from vosplug.errors import ConfigError
from vosplug.structures import Supervision, register_clip_field

register_clip_field('labels_for_test', 'T N H W', fill=255, dtype='uint8')
register_clip_field('grey_for_test', 'T C H W', interpolation='linear')
register_clip_field('first_for_test', 'H W', fill=True, dtype='bool')

MOVES = [
    ClipResize(short_side=17),
    ClipResize(size=(60, 50)),
    ClipRandomFlip(prob=1),
    ClipRandomCrop((20, 50)),
    ClipRandomCrop((20, 25), same_for_clip=False),
    ClipRandomResizedCrop((25, 20)),
    ClipRandomAffine(jitter=0.5),
]


@given(clips(Supervision.MASK), st.sampled_from(MOVES), st.integers(0, 99))
def test_maps_move_as_images_and_masks_do(results, move, seed):
    results['labels_for_test'] = np.stack([np.stack([m, m // 2]) for m in results['id_masks']])
    results['grey_for_test'] = [i.transpose(2, 0, 1).astype(np.float32) for i in results['imgs']]
    results['first_for_test'] = results['id_masks'][0] > 0
    np.random.seed(seed)
    moved = move(results)
    size = moved['imgs'][0].shape[:2]
    for image, mask, labels, grey in zip(
        *(moved[key] for key in ('imgs', 'id_masks', 'labels_for_test', 'grey_for_test')), strict=True
    ):
        assert labels.shape == (2, *size) and labels.dtype == np.uint8
        assert np.array_equal(labels[0], mask)
        known = mask < 255
        assert np.array_equal(labels[1][known], mask[known] // 2) and (labels[1][~known] == 255).all()
        assert grey.shape == (3, *size) and grey.dtype == np.float32
        assert np.abs(grey.transpose(1, 2, 0) - image)[known].mean() < 2
    first = moved['first_for_test']
    assert first.dtype == bool and np.array_equal(first, moved['id_masks'][0] > 0)


def add_fields(results: dict) -> dict:
    height, width = results['imgs'][0].shape[:2]
    length, objects = results['visible'].shape
    results['labels_for_test'] = np.ones((length, objects, height, width), np.uint8)
    results['not_registered'] = results['grey_for_test'] = np.ones((length, 2, height, width), np.float32)
    return results


def dataset(*steps) -> SyntheticVOS:
    pipeline = [TRAIN_PIPELINE[0], *steps, *TRAIN_PIPELINE[1:]]
    larger = dict(ClipRandomCrop=dict(size=(56, 60)))
    sampler = dict(num_frames=2)
    return SyntheticVOS(2, 4, (48, 64), pipeline=pipeline, pipeline_options=larger, clip_sampler=sampler)


def test_a_pipeline_packs_registered_fields():
    sample = dataset(add_fields)[0]['data_samples']
    assert sample.labels_for_test.shape == (2, len(sample.object_ids), 56, 60)
    assert sample.grey_for_test.shape == (2, 2, 56, 60) and 'not_registered' not in sample
    outside = sample.labels_for_test[:, 0] == 255
    assert outside.any() and (sample.id_masks[outside] == 255).all()


def test_a_field_of_other_axes_is_an_error():
    with pytest.raises(
        ConfigError, match=r"'labels_for_test': expected axes \(T=2, N=1, H=9, W=8\), .*\(2, 9, 8\)"
    ):
        PackClip()(
            dict(
                imgs=[np.zeros((9, 8, 3), np.uint8)] * 2,
                id_masks=[np.zeros((9, 8), np.uint8)] * 2,
                boxes=np.zeros((2, 1, 4)),
                visible=np.ones((2, 1), bool),
                supervision=np.full((2, 1), int(Supervision.MASK)),
                labels_for_test=np.zeros((2, 9, 8)),
                object_ids=[1],
                video_name='v',
                frame_names=['0', '1'],
            )
        )
