"""TAO-VOS folders: names with a folder, annotated or all frames, scores that do not depend on which."""

import shutil

import cv2
import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_data import TRAIN_PIPELINE, make_masks, write_taovos

from vosplug.datasets import TAOVOSDataset
from vosplug.engine.hooks import MaskWriterHook
from vosplug.errors import AnnotationError, VideoError
from vosplug.evaluation import VOSMetric, evaluate_folders
from vosplug.formats import write_id_mask
from vosplug.structures import FrameResult, ImageFolderSource

STEP = 3
MASKS = make_masks(5)
MASKS[:2][MASKS[:2] == 7] = 0  # object 7 enters in the third annotated frame
VIDEOS = {'ArgoVerse/side_0ef28d5c': MASKS, 'LaSOT/zebra-14': make_masks(4, (200, 254))}


@pytest.fixture
def root(tmp_path):
    write_taovos(tmp_path, 'train', VIDEOS, STEP)
    write_taovos(tmp_path, 'valid', VIDEOS, STEP)
    # TAO has more videos than TAO-VOS
    shutil.copytree(tmp_path / 'frames/val/LaSOT/zebra-14', tmp_path / 'frames/val/BDD/b1-c2')
    return tmp_path


def sample(root, video=0, **kwargs):
    return TAOVOSDataset(str(root), test_mode=True, **kwargs)[video]['data_samples']


class TestTAOVOS(DatasetTester):
    def build(self, root, **kwargs):
        return TAOVOSDataset(str(write_taovos(root, 'train', VIDEOS, STEP)), **kwargs)


class TestTAOVOSAllFrames(DatasetTester):
    def build(self, root, **kwargs):
        return TAOVOSDataset(str(write_taovos(root, 'train', VIDEOS, STEP)), all_frames=True, **kwargs)


def names_of(dataset):
    return [info['video_name'] for info in dataset.load_data_list()]


@pytest.mark.parametrize('all_frames', [False, True])
@pytest.mark.parametrize('split', ['train', 'valid'])
def test_videos_are_those_with_masks_named_by_their_path(root, split, all_frames):
    dataset = TAOVOSDataset(str(root), split=split, all_frames=all_frames, test_mode=True)
    assert names_of(dataset) == list(VIDEOS)
    assert [dataset[i]['data_samples'].name for i in range(2)] == list(VIDEOS)


def test_a_list_chooses_videos_and_keeps_their_folders(root):
    (root / 'ImageSets').mkdir()
    (root / 'ImageSets' / 'some.txt').write_text('LaSOT/zebra-14\n')
    assert names_of(TAOVOSDataset(str(root), ann_file='ImageSets/some.txt')) == ['LaSOT/zebra-14']


def test_without_all_frames_a_video_has_its_annotated_frames_under_their_names(root):
    video = sample(root, split='valid')
    assert video.source.frame_names == ['ring_95', 'ring_98', 'ring_101', 'ring_104', 'ring_107']
    assert video.eval_frames == list(range(5))
    assert all(np.array_equal(video.annotation.mask(t), MASKS[t]) for t in range(5))


def test_frames_without_masks_are_left_out_so_taos_own_folder_can_be_linked(root):
    shutil.rmtree(root / 'valid' / 'JPEGImages')
    (root / 'valid' / 'JPEGImages').symlink_to(root / 'frames' / 'val')
    video = sample(root, split='valid')
    assert len(video.source) == 5 and video.source.frame_names[1] == 'ring_98'
    assert np.array_equal(video.source[1], sample(root, split='valid', all_frames=True).source[STEP])


def test_all_frames_are_shown_and_the_annotated_ones_found_by_name(root):
    video = sample(root, split='valid', all_frames=True)
    assert len(video.source) == 15 and video.source.frame_names[4] == 'ring_99'
    assert video.eval_frames == [0, 3, 6, 9, 12]
    assert np.array_equal(video.annotation.mask(6), MASKS[2]) and video.annotation.mask(7) is None


@pytest.mark.parametrize('prompt', ['mask', 'box'])
@pytest.mark.parametrize('all_frames', [False, True])
def test_objects_enter_where_their_first_mask_shows_them_and_keep_their_ids(root, all_frames, prompt):
    video = sample(root, split='valid', all_frames=all_frames, prompt=prompt)
    late = 2 * STEP if all_frames else 2
    assert {t: [p.object_id for p in given] for t, given in video.prompts.items()} == {0: [3], late: [7]}
    given = video.prompts[late][0]
    assert given.kind == prompt
    if prompt == 'mask':
        assert np.array_equal(given.mask, MASKS[2] == 7)
    assert sample(root, 1, split='valid', all_frames=all_frames).prompts.object_ids == [200, 254]


@pytest.mark.parametrize('all_frames', [False, True])
def test_clips_are_of_annotated_frames_and_gaps_of_recorded_ones(root, all_frames):
    np.random.seed(0)
    sampler = dict(num_frames=3, max_gap=59, reverse_prob=0)
    dataset = TAOVOSDataset(str(root), all_frames=all_frames, pipeline=TRAIN_PIPELINE, clip_sampler=sampler)

    def starts_and_gaps():
        clips = [dataset[0]['data_samples'].frame_names for _ in range(30)]
        return {tuple((int(name[5:]) - 95) / STEP for name in clip) for clip in clips}

    assert dataset.annotated_every == 30
    assert starts_and_gaps() == {(s, s + 1, s + 2) for s in range(3)}
    dataset.clip_sampler.change(max_gap=60)
    assert (0, 2, 4) in starts_and_gaps()


@pytest.mark.parametrize('all_frames', [False, True])
def test_short_videos_are_dropped_by_their_annotated_frames(root, all_frames):
    dataset = TAOVOSDataset(
        str(root), all_frames=all_frames, clip_sampler=dict(num_frames=5), short_videos='drop'
    )
    assert [dataset.get_data_info(i)['video_name'] for i in range(len(dataset))] == [[*VIDEOS][0]]


@pytest.mark.parametrize('all_frames', [False, True])
def test_listing_and_opening_reads_no_picture(root, all_frames, monkeypatch):
    def read(*args):
        raise AssertionError('read')

    monkeypatch.setattr(ImageFolderSource, '__getitem__', read)
    monkeypatch.setattr('vosplug.formats.mask_folder._read', read)
    dataset = TAOVOSDataset(str(root), all_frames=all_frames, short_videos='drop')
    assert dataset.open_video(dataset.get_data_info(1)).name == 'LaSOT/zebra-14'


def predictions(video):
    """What lies right of column 30 is missed, and so is object 7."""
    for t, name in enumerate(video.source.frame_names):
        mask = video.annotation.mask(max(a for a in video.eval_frames if a <= t)).copy()
        mask[mask == 7] = 0
        mask[:, 30:] = 0
        yield t, name, mask


@pytest.fixture
def scored(root, tmp_path):
    """Scores by the metric and folders of masks, seen all frames or not."""
    found = {}
    for all_frames in (False, True):
        metric, hook = VOSMetric('tao_vos'), MaskWriterHook(str(tmp_path / f'masks_{all_frames}'))
        for k in range(2):
            video = sample(root, k, split='valid', all_frames=all_frames)
            for t, name, mask in predictions(video):
                result = FrameResult(t, name, mask, {})
                metric.process(None, [dict(video=video, result=result)])
                hook.after_frame(None, video, result)
        metric.evaluate(2)
        found[all_frames] = metric.scores
    return found


def test_scores_are_the_same_from_annotated_and_from_all_frames(scored):
    some, every = scored[False], scored[True]
    assert some.per_object == every.per_object and some.overall == every.overall
    assert 0 < some.overall['J&F-Mean'] < 1 and list(some.per_object) == list(VIDEOS)
    assert some.per_object['ArgoVerse/side_0ef28d5c'][7]['J-Mean'] == 0


@pytest.mark.parametrize('all_frames', [False, True])
def test_written_masks_score_as_the_metric_does(root, tmp_path, scored, all_frames):
    masks = tmp_path / f'masks_{all_frames}'
    assert (masks / 'ArgoVerse/side_0ef28d5c/ring_98.png').is_file()
    truth = root / 'valid' / 'Annotations'
    assert evaluate_folders('tao_vos', truth, masks).per_object == scored[all_frames].per_object
    (tmp_path / 'one.txt').write_text('LaSOT/zebra-14\n')
    one = evaluate_folders('tao_vos', truth, masks, tmp_path / 'one.txt')
    assert list(one.per_object) == ['LaSOT/zebra-14']


def test_other_masks_are_trained_on(root):
    for name, masks in VIDEOS.items():
        for t, mask in enumerate(masks):
            path = root / 'Pseudo' / name / f'ring_{95 + STEP * t}.png'
            write_id_mask(path, np.where(mask > 0, 9, 0).astype(np.uint8))
    dataset = TAOVOSDataset(str(root), ann_dir='Pseudo', pipeline=TRAIN_PIPELINE)
    assert names_of(dataset) == list(VIDEOS)
    assert {i for k in range(2) for i in dataset[k]['data_samples'].object_ids} == {9}
    shutil.rmtree(root / 'Pseudo' / 'LaSOT')
    with pytest.raises(AnnotationError, match='Pseudo/LaSOT/zebra-14: no such folder, so video LaSOT/zebra'):
        TAOVOSDataset(str(root), ann_dir='Pseudo')


def test_what_is_not_there_is_named(root):
    with pytest.raises(AnnotationError, match='test/JPEGImages: no such folder. Point data_root'):
        TAOVOSDataset(str(root), split='test')
    shutil.rmtree(root / 'frames' / 'val' / 'LaSOT')
    with pytest.raises(AnnotationError, match=r"frames/val: no frames of \['LaSOT/zebra-14'\]. Download"):
        TAOVOSDataset(str(root), split='valid', all_frames=True)
    shutil.rmtree(root / 'frames')
    with pytest.raises(AnnotationError, match='frames/val: no such folder. Point data_root'):
        TAOVOSDataset(str(root), split='valid', all_frames=True)
    shutil.rmtree(root / 'train' / 'Annotations')
    with pytest.raises(AnnotationError, match='train/Annotations: no masks found; expected a folder <data'):
        TAOVOSDataset(str(root))


def test_frames_of_other_names_than_the_masks_are_named(root):
    for path in (root / 'valid' / 'JPEGImages' / 'LaSOT/zebra-14').iterdir():
        path.rename(path.with_name(f'x{path.name}'))
    with pytest.raises(AnnotationError, match='zebra-14: none of its PNG files is named like a frame'):
        sample(root, 1, split='valid')


def test_an_empty_folder_of_frames_is_named(root):
    shutil.rmtree(root / 'valid' / 'JPEGImages' / 'LaSOT/zebra-14')
    (root / 'valid' / 'JPEGImages' / 'LaSOT/zebra-14').mkdir()
    with pytest.raises(VideoError, match='zebra-14: no images found'):
        sample(root, 1, split='valid')


def test_more_ids_than_a_mask_holds_are_an_error(root):
    path = root / 'valid' / 'Annotations' / 'LaSOT/zebra-14' / 'ring_98.png'
    cv2.imwrite(str(path), np.full((48, 64), 300, np.uint16))
    with pytest.raises(AnnotationError, match='ring_98.png: expected an 8-bit .*objects are 1 to 254'):
        sample(root, 1, split='valid')
