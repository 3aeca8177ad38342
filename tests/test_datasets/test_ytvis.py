"""Datasets in YouTube-VIS JSON, with masks, boxes or both."""

import json

import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_data import TRAIN_PIPELINE, make_masks, write_ytvis, ytvis_content

from vosplug.datasets import YTVISDataset
from vosplug.errors import AnnotationError, VideoError
from vosplug.structures import boxes_of_mask

VIDEOS = {'a1': make_masks(5), 'b2': make_masks(4, (9,))}


def dataset(root, **kwargs) -> YTVISDataset:
    return YTVISDataset(str(root), 'instances.json', **kwargs)


class TestYTVIS(DatasetTester):
    def build(self, root, **kwargs):
        return dataset(write_ytvis(root, VIDEOS), **kwargs)


class TestYTVISBoxes(DatasetTester):
    supervisions = prompts = ('box',)

    def build(self, root, **kwargs):
        return dataset(write_ytvis(root, VIDEOS, masks=False), **kwargs)


def change(root, edit) -> None:
    content = ytvis_content(VIDEOS)
    edit(content)
    (root / 'instances.json').write_text(json.dumps(content))


@pytest.fixture
def root(tmp_path):
    return write_ytvis(tmp_path, VIDEOS)


def test_a_test_video(root):
    sample = dataset(root, test_mode=True)[0]['data_samples']
    assert sample.name == 'a1' and sample.prompts.object_ids == [1, 2]
    assert sample.categories == {1: 'ellipse', 2: 'ellipse'} and sample.eval_frames == list(range(5))
    assert np.array_equal(sample.annotation.mask(4) == 2, VIDEOS['a1'][4] == 7)
    assert sample.annotation.boxes(4)[2].tolist() == boxes_of_mask(VIDEOS['a1'][4])[7].tolist()
    assert sample.source.frame_names[4] == '00004'


def test_boxes_alone_prompt(tmp_path):
    root = write_ytvis(tmp_path, VIDEOS, masks=False)
    sample = dataset(root, prompt='box', test_mode=True)[1]['data_samples']
    assert sample.prompts[0][0].box.tolist() == boxes_of_mask(VIDEOS['b2'][0])[9].tolist()
    assert sample.annotation.mask(0) is None


def test_boxes_alone_are_no_masks(tmp_path):
    root = write_ytvis(tmp_path, VIDEOS, masks=False)
    with pytest.raises(AnnotationError, match="video a1, frame 0000[0-9]: no mask.*supervision='box'"):
        dataset(root, pipeline=TRAIN_PIPELINE)[0]
    with pytest.raises(AnnotationError, match="no mask to prompt with; set prompt='box'"):
        dataset(root, test_mode=True)[0]


def test_an_object_with_only_a_box_cannot_start_from_its_mask(root):
    change(root, lambda content: content['annotations'][1]['segmentations'].__setitem__(0, None))
    with pytest.raises(AnnotationError, match=r"objects \[2\] have a box but no mask; set prompt='box'"):
        dataset(root, test_mode=True)[0]


def test_masks_and_boxes_give_the_same_clip_without_one_or_the_other(root, tmp_path_factory):
    # what neither turns nor cuts needs no masks to keep boxes tight
    pipeline = [step for step in TRAIN_PIPELINE if step['type'] not in ('ClipRandomAffine', 'ClipRandomCrop')]
    both = dataset(root, supervision='box', pipeline=pipeline)
    only = write_ytvis(tmp_path_factory.mktemp('boxes'), VIDEOS, masks=False)
    boxes = dataset(only, supervision='box', pipeline=pipeline)
    packed = []
    for data in (both, boxes):
        np.random.seed(3)
        packed.append(data[0]['data_samples'])
    assert packed[0].id_masks.equal(packed[1].id_masks) and packed[0].boxes.equal(packed[1].boxes)


def test_a_missing_frame_is_named(root):
    change(root, lambda content: content['videos'][0]['file_names'].__setitem__(3, 'a1/gone.jpg'))
    data = dataset(root, pipeline=TRAIN_PIPELINE, clip_sampler=dict(num_frames=5, max_gap=1))
    with pytest.raises(VideoError, match=r'a1/gone\.jpg: frame not found'):
        data[0]


def test_frames_of_another_size_than_listed_are_an_error(root):
    change(root, lambda content: content['videos'][0].update(height=96, width=128))
    with pytest.raises(AnnotationError, match=r'video 1 is listed as 128x96, .*00000\.jpg is 64x48'):
        dataset(root, pipeline=TRAIN_PIPELINE)[0]


def test_a_wrong_file_is_an_error_when_the_dataset_is_made(root):
    change(root, lambda content: content['annotations'][0]['bboxes'].pop())
    with pytest.raises(AnnotationError, match=r'instances\.json: annotation 0, "bboxes" has 4 entries'):
        dataset(root)


def test_a_video_without_frames_is_named(root):
    change(
        root,
        lambda content: content.update(videos=[dict(id=1, file_names=[], height=1, width=1)], annotations=[]),
    )
    with pytest.raises(
        AnnotationError, match=r'instances\.json: videos\[0\]\.file_names: expected array of length >= 1'
    ):
        dataset(root)


def test_a_file_without_videos_is_named(tmp_path):
    (tmp_path / 'empty.json').write_text('{"videos": [], "annotations": []}')
    with pytest.raises(AnnotationError, match=r'empty\.json: lists no videos'):
        YTVISDataset(str(tmp_path), 'empty.json')


@pytest.mark.parametrize('prompt', ['mask', 'box'])
@pytest.mark.parametrize('tracks', ['none', 'null'])
def test_a_test_video_without_annotated_frames_is_named(root, tracks, prompt):
    def edit(content):
        for track in content['annotations']:
            track.update(segmentations=[None] * len(track['segmentations']), bboxes=None)
        if tracks == 'none':
            content['annotations'] = []

    change(root, edit)
    with pytest.raises(AnnotationError, match='video a1: no frame is annotated'):
        dataset(root, prompt=prompt, test_mode=True)[0]
