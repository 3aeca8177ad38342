"""YouTube-Objects: every tenth frame annotated, all frames from elsewhere and larger."""

import shutil

import cv2
import numpy as np
import pytest
from dataset_tester import DatasetTester
from mmengine.logging import MMLogger
from small_data import make_masks, write_youtube_objects

from vosplug.datasets import YouTubeObjectsDataset
from vosplug.errors import AnnotationError, VideoError
from vosplug.formats import write_id_mask

MASKS = np.repeat(make_masks(3, (1,)) == 1, 10, 0)[:23]
VIDEOS = {'aeroplane/0001/001': MASKS, 'cat/0002/003': MASKS[:15]}


class TestAnnotatedFrames(DatasetTester):
    def build(self, root, **kwargs):
        return YouTubeObjectsDataset(str(write_youtube_objects(root, VIDEOS)), **kwargs)


class TestAllFrames(DatasetTester):
    def build(self, root, **kwargs):
        return YouTubeObjectsDataset(str(write_youtube_objects(root, VIDEOS)), all_frames=True, **kwargs)


@pytest.fixture
def root(tmp_path):
    return write_youtube_objects(tmp_path, VIDEOS)


def samples(root, **kwargs):
    dataset = YouTubeObjectsDataset(str(root), test_mode=True, **kwargs)
    return {s.name: s for s in (dataset[i]['data_samples'] for i in range(len(dataset)))}


def test_the_annotated_frames(root):
    videos = samples(root)
    assert list(videos) == list(VIDEOS)
    plane = videos['aeroplane/0001/001']
    assert plane.source.frame_names == ['00001', '00011', '00021'] and plane.eval_frames == [0, 1, 2]
    assert plane.categories == {1: 'aeroplane'} and list(plane.prompts) == [0]
    assert np.array_equal(plane.annotation.mask(1), MASKS[10])


def test_all_frames_have_the_size_of_the_masks_and_are_found_by_number(root):
    plane = samples(root, all_frames=True)['aeroplane/0001/001']
    assert len(plane.source) == 23 and plane.eval_frames == [0, 10, 20]
    assert plane.source.frame_names[10] == '00011' and plane.source.size == (48, 64)
    every = samples(root)['aeroplane/0001/001']
    assert np.array_equal(plane.annotation.mask(10), MASKS[10]) and plane.annotation.mask(11) is None
    assert np.abs(plane.source[10].astype(int) - every.source[1]).mean() < 2, 'the same frame'


def test_frames_beside_the_masks_may_be_all_of_them_too(root):
    images = root / 'youtube_masks/aeroplane/data/0001/shots/001/images'
    shutil.rmtree(images)
    shutil.copytree(root / 'v1/aeroplane/data/0001/shots/001', images)
    plane = samples(root)['aeroplane/0001/001']
    assert (
        len(plane.source) == 23 and plane.eval_frames == [0, 10, 20] and plane.source[0].shape == (48, 64, 3)
    )


def test_videos_are_those_with_masks_and_a_list_chooses(root):
    shutil.copytree(root / 'v1/cat/data/0002', root / 'v1/cat/data/0009')
    assert list(samples(root, all_frames=True)) == list(VIDEOS)
    (root / 'some.txt').write_text('cat/0002/003\n')
    assert list(samples(root, ann_file='some.txt')) == ['cat/0002/003']
    (root / 'some.txt').write_text('cat_0002\n')
    with pytest.raises(AnnotationError, match='video cat_0002: expected a name <class>/<video>/<shot>'):
        samples(root, ann_file='some.txt')


@pytest.mark.parametrize('all_frames', [False, True])
def test_a_video_with_a_single_mask_is_trained_on_but_not_tested(tmp_path, caplog, monkeypatch, all_frames):
    monkeypatch.setattr(MMLogger.get_current_instance(), 'handlers', [caplog.handler])
    root = write_youtube_objects(tmp_path, {'cow/0019/001': MASKS[:9], **VIDEOS})
    assert list(samples(root, all_frames=all_frames)) == list(VIDEOS)
    assert '1 of 3 videos have a single annotated frame' in caplog.text and 'cow/0019/001.' in caplog.text
    assert len(YouTubeObjectsDataset(str(root), all_frames=all_frames)) == 3


def test_other_masks_are_indexed(root):
    for name in VIDEOS:
        for t in (1, 11):
            write_id_mask(root / 'Pseudo' / name / f'{t:05d}.png', MASKS[t] * np.uint8(5))
    plane = samples(root, ann_dir='Pseudo', all_frames=True)['aeroplane/0001/001']
    assert plane.eval_frames == [0, 10] and np.array_equal(plane.annotation.mask(10), MASKS[11] * 5)


def test_what_is_not_there_is_named(root):
    cv2.imwrite(str(root / 'v1/cat/data/0002/shots/003/cover.jpg'), np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(VideoError, match=r'cover\.jpg: expected a name with the number of the frame'):
        samples(root, all_frames=True)
    shutil.rmtree(root / 'v1/cat')
    with pytest.raises(AnnotationError, match=r"v1: no frames of \['cat/0002/003'\]"):
        samples(root, all_frames=True)
    shutil.rmtree(root / 'v1')
    with pytest.raises(AnnotationError, match='v1: no such folder'):
        samples(root, all_frames=True)
    (root / 'youtube_masks/cat/data/0002/shots/003/labels/00001.jpg').unlink()
    (root / 'youtube_masks/cat/data/0002/shots/003/labels/00011.jpg').unlink()
    with pytest.raises(AnnotationError, match='003/labels: no masks; expected one per annotated frame'):
        samples(root)
    shutil.rmtree(root / 'youtube_masks/cat')
    shutil.rmtree(root / 'youtube_masks/aeroplane')
    with pytest.raises(AnnotationError, match='youtube_masks: no masks found; expected <class>/data/'):
        samples(root)
