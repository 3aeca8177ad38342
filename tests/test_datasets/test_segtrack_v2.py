"""SegTrack v2: folders of masks per object, one video or one per object."""

import shutil

import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_data import TRAIN_PIPELINE, make_masks, write_segtrack

from vosplug.datasets import SegTrackV2Dataset
from vosplug.errors import AnnotationError, ConfigError
from vosplug.formats import write_id_mask

ONE, TWO = make_masks(4, (1,)) == 1, make_masks(4, (1, 2))
BIKE, RIDER = TWO == 1, TWO == 2
COVERED = RIDER | np.roll(BIKE, 6, 1)  # larger than the bike, and over a part of it
VIDEOS = {'bmx': {1: BIKE, 2: COVERED}, 'girl': {1: ONE}}


class TestSegTrackV2(DatasetTester):
    def build(self, root, **kwargs):
        return SegTrackV2Dataset(str(write_segtrack(root, VIDEOS)), **kwargs)


class TestSeparateObjects(DatasetTester):
    def build(self, root, **kwargs):
        return SegTrackV2Dataset(str(write_segtrack(root, VIDEOS)), separate_objects=True, **kwargs)


@pytest.fixture
def root(tmp_path):
    return write_segtrack(tmp_path, VIDEOS)


def samples(root, **kwargs):
    dataset = SegTrackV2Dataset(str(root), test_mode=True, **kwargs)
    return {s.name: s for s in (dataset[i]['data_samples'] for i in range(len(dataset)))}


def test_folders_give_ids_and_the_smaller_object_is_in_front(root):
    videos = samples(root)
    assert list(videos) == ['bmx', 'girl']
    bmx = videos['bmx']
    assert bmx.prompts.object_ids == [1, 2] and bmx.eval_frames == [0, 1, 2, 3]
    assert (BIKE & COVERED).any() and BIKE[3].sum() < COVERED[3].sum()
    assert np.array_equal(bmx.annotation.mask(3), np.where(BIKE[3], 1, COVERED[3] * 2))
    assert np.array_equal(videos['girl'].annotation.mask(2), ONE[2])
    assert videos['girl'].source.frame_names[0] == 'girl_00000'


def test_separate_objects_are_videos_with_whole_masks(root):
    videos = samples(root, separate_objects=True)
    assert list(videos) == ['bmx/1', 'bmx/2', 'girl']
    for i, mask in VIDEOS['bmx'].items():
        sample = videos[f'bmx/{i}']
        assert sample.prompts.object_ids == [i]
        assert np.array_equal(sample.annotation.mask(3), mask[3] * i), 'nothing is in front of it'
        assert np.array_equal(sample.source[1], videos['bmx/1'].source[1])


@pytest.mark.parametrize('separate', [False, True])
def test_an_object_is_prompted_where_it_appears(tmp_path, separate):
    late = BIKE.copy()
    late[:2] = False
    videos = samples(write_segtrack(tmp_path, {'drift': {1: RIDER, 2: late}}), separate_objects=separate)
    starts = {p.object_id: t for video in videos.values() for t, ps in video.prompts.items() for p in ps}
    assert starts == {1: 0, 2: 2}


def test_its_own_list_of_sequences_can_be_read(root):
    (root / 'JPEGImages' / 'other').mkdir()
    assert list(samples(root, ann_file='ImageSets/all.txt')) == ['bmx', 'girl']
    (root / 'some.txt').write_text('*girl\n')
    assert list(samples(root, ann_file='some.txt', separate_objects=True)) == ['girl']


def test_other_masks_are_indexed(root):
    for name in VIDEOS:
        for t in range(4):
            write_id_mask(root / 'Pseudo' / name / f'{name}_{t:05d}.png', TWO[t])
    assert np.array_equal(samples(root, ann_dir='Pseudo')['bmx'].annotation.mask(1), TWO[1])
    with pytest.raises(ConfigError, match='separate_objects: needs a folder of masks per object'):
        samples(root, ann_dir='Pseudo', separate_objects=True)


def test_a_clip_shows_one_of_the_objects(root):
    np.random.seed(0)
    dataset = SegTrackV2Dataset(
        str(root), pipeline=TRAIN_PIPELINE, clip_sampler=dict(num_frames=1, max_objects=1)
    )
    clips = [dataset[0]['data_samples'] for _ in range(12)]
    assert {tuple(clip.object_ids) for clip in clips} == {(1,), (2,)}
    assert all(len(clip.id_masks) == 1 and clip.id_masks.max() in (1, 255) for clip in clips)


def test_missing_masks_are_named(root):
    shutil.rmtree(root / 'GroundTruth' / 'girl')
    with pytest.raises(AnnotationError, match='GroundTruth/girl: no such folder of masks'):
        samples(root)
