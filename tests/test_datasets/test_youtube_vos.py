"""YouTube-VOS folders: clips of annotated frames, objects that enter late, scores where masks are there."""

import json
import shutil

import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_data import TRAIN_PIPELINE, make_frames, make_masks, write_frames, write_ytvos

from vosplug.datasets import YouTubeVOSDataset
from vosplug.errors import AnnotationError
from vosplug.evaluation import VOSMetric
from vosplug.structures import FrameResult, Supervision, boxes_of_mask

MASKS = make_masks(6)
MASKS[:2][MASKS[:2] == 7] = 0  # object 7 enters in frame 2
VIDEOS = {'0043f083b5': MASKS, 'ff00': make_masks(4, (3,))}


@pytest.fixture
def root(tmp_path):
    write_ytvos(tmp_path, 'train', VIDEOS)
    return write_ytvos(tmp_path, 'valid', VIDEOS, first_only=True)


def with_all_frames(root, split):
    """Five frames where there was one."""
    for name, masks in VIDEOS.items():
        write_frames(
            root / f'{split}_all_frames' / 'JPEGImages' / name,
            make_frames(np.repeat(masks, 5, 0)),
        )


def sample(root, video=0, **kwargs):
    return YouTubeVOSDataset(str(root), test_mode=True, **kwargs)[video]['data_samples']


class TestYouTubeVOS(DatasetTester):
    def build(self, root, **kwargs):
        return YouTubeVOSDataset(str(write_ytvos(root, 'train', VIDEOS)), **kwargs)


def test_clips_are_of_annotated_frames_and_gaps_of_recorded_ones(root):
    np.random.seed(0)
    dataset = YouTubeVOSDataset(
        str(root),
        pipeline=TRAIN_PIPELINE,
        clip_sampler=dict(num_frames=3, max_gap=9, reverse_prob=0),
    )
    assert len(dataset) == 2
    names = {tuple(dataset[0]['data_samples'].frame_names) for _ in range(20)}
    assert names == {tuple(f'{5 * (s + k):05d}' for k in range(3)) for s in range(4)}
    dataset.clip_sampler.change(max_gap=10)
    names = {tuple(dataset[0]['data_samples'].frame_names) for _ in range(30)}
    assert ('00000', '00010', '00020') in names


@pytest.mark.parametrize('supervision', ['mask', 'box'])
def test_clips_of_all_frames_start_at_annotated_ones(root, supervision):
    with_all_frames(root, 'train')
    np.random.seed(0)
    sampler = dict(num_frames=(4, 6), max_gap=4, frames='all')
    dataset = YouTubeVOSDataset(
        str(root), all_frames=True, pipeline=TRAIN_PIPELINE, clip_sampler=sampler, supervision=supervision
    )
    for sample in (dataset[i % 2]['data_samples'] for i in range(20)):
        frames = [int(name) for name in sample.frame_names]
        assert (
            4 <= len(frames) <= 6 and np.abs(np.diff(frames)).max() <= 4 and len(set(frames)) == len(frames)
        )
        annotated = [t % 5 == 0 for t in frames]
        assert sample.annotated.tolist() == annotated and annotated[0] and sum(annotated) > 1
        assert ((sample.supervision == Supervision.NONE).all(1) == ~sample.annotated).all()


@pytest.mark.parametrize('prompt', ['mask', 'box'])
@pytest.mark.parametrize('split', ['train', 'valid'])
def test_objects_enter_where_their_first_mask_shows_them(root, split, prompt):
    video = sample(root, split=split, prompt=prompt)
    assert {t: [p.object_id for p in given] for t, given in video.prompts.items()} == {0: [3], 2: [7]}
    given = video.prompts[2][0]
    assert given.kind == prompt
    if prompt == 'mask':
        assert np.array_equal(given.mask, MASKS[2] == 7)
    else:
        assert given.box.tolist() == boxes_of_mask(MASKS[2])[7].tolist()
    assert video.categories == {3: 'person', 7: 'yak'} and len(video.source) == 6
    assert video.eval_frames == ([0, 2] if split == 'valid' else list(range(6)))


def test_all_frames_are_streamed_and_the_annotated_ones_found_by_name(root):
    with_all_frames(root, 'valid')
    video = sample(root, split='valid', all_frames=True)
    assert len(video.source) == 30 and list(video.prompts) == [0, 10] and video.eval_frames == [0, 10]
    assert video.source.frame_names[10] == '00010'


@pytest.mark.parametrize('all_frames', [False, True])
@pytest.mark.parametrize('release', ['ytvos2018', 'ytvos2019'])
def test_the_training_split_can_be_scored(root, release, all_frames):
    with_all_frames(root, 'train')
    metric = VOSMetric(release)
    for k in range(2):
        video = sample(root, k, all_frames=all_frames)
        masks = np.repeat(VIDEOS[video.name], 5, 0) if all_frames else VIDEOS[video.name]
        for t, mask in enumerate(masks):
            result = FrameResult(t, video.source.frame_names[t], mask * (mask != 7), {})
            metric.process(None, [dict(video=video, result=result)])
    scores = metric.evaluate(2)
    assert scores['J-Seen'] == 1 and scores['J-Unseen'] == 0 and scores['G'] == 0.5


def test_without_categories_it_still_predicts(root):
    (root / 'valid' / 'meta.json').unlink()
    assert sample(root, split='valid').categories == {}


def test_a_meta_json_that_disagrees_with_the_masks(root):
    path = root / 'train' / 'meta.json'
    meta = json.loads(path.read_text())
    objects = meta['videos']['ff00']['objects']
    objects['9'] = dict(category='cat')
    path.write_text(json.dumps(meta))
    assert {p.object_id for p in sample(root, 1).prompts[0]} == {3}, 'no mask shows object 9'
    del objects['3']
    path.write_text(json.dumps(meta))
    with pytest.raises(
        AnnotationError, match=r'meta\.json: no category for object 3 of video ff00, .* categories for \[9\]'
    ):
        sample(root, 1)
    del meta['videos']['ff00']
    path.write_text(json.dumps(meta))
    with pytest.raises(AnnotationError, match=r'object 3 of video ff00, .* categories for \[\]'):
        sample(root, 1)


def test_a_list_chooses_videos(root):
    (root / 'some.txt').write_text('ff00\n')
    assert len(YouTubeVOSDataset(str(root), ann_file='some.txt')) == 1


def test_what_is_not_there_is_named(root):
    with pytest.raises(AnnotationError, match='test/JPEGImages: no such folder. Point data_root'):
        YouTubeVOSDataset(str(root), split='test')
    with pytest.raises(AnnotationError, match='train_all_frames/JPEGImages: no such folder'):
        YouTubeVOSDataset(str(root), all_frames=True)
    shutil.rmtree(root / 'valid' / 'Annotations' / 'ff00')
    with pytest.raises(AnnotationError, match='ff00: no such annotation folder'):
        sample(root, 1, split='valid')


def test_a_video_without_objects_is_named(tmp_path):
    root = write_ytvos(tmp_path, 'train', {'fog': np.zeros((3, 8, 8), np.uint8)})
    with pytest.raises(AnnotationError, match='video fog: no annotated frame shows an object'):
        sample(root)
