"""DAVIS folders: clips and test videos come out, damage comes out as an error that names the file."""

import shutil

import cv2
import numpy as np
import pytest
import torch
from dataset_tester import DatasetTester
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger
from PIL import Image
from small_data import SHARED, TRAIN_PIPELINE, make_masks, truncate, write_davis
from torch.utils.data import DataLoader

from vosplug.datasets import DAVIS2016Dataset, DAVIS2017Dataset
from vosplug.errors import AnnotationError, VideoError, VOSError
from vosplug.formats import read_id_mask, write_id_mask

DAVIS2016 = SHARED / 'data' / 'davis2016'
DAVIS2017 = SHARED / 'data' / 'davis2017-multiobject-240p'


@pytest.fixture
def root(tmp_path):
    return write_davis(
        tmp_path, {'bear': make_masks(), 'two words': make_masks(ids=(1, 254)), 'ant': make_masks()}
    )


def train(root, **kwargs) -> DAVIS2017Dataset:
    kwargs = dict(pipeline=TRAIN_PIPELINE, clip_sampler=dict(num_frames=3, max_gap=2), **kwargs)
    return DAVIS2017Dataset(str(root), **kwargs)


class TestDAVIS2017(DatasetTester):
    def build(self, root, **kwargs):
        return DAVIS2017Dataset(
            str(write_davis(root, {'bear': make_masks(), 'ant': make_masks(4, (1, 254))})), **kwargs
        )


class TestDAVIS2016(DatasetTester):
    def build(self, root, **kwargs):
        return DAVIS2016Dataset(
            str(write_davis(root, {'bear': make_masks(), 'ant': make_masks(4)})), **kwargs
        )


def test_videos_are_listed_in_order(root):
    (root / 'JPEGImages' / '480p' / 'notes.txt').write_text('')
    names = [info['video_name'] for info in DAVIS2017Dataset(str(root)).load_data_list()]
    assert names == ['ant', 'bear', 'two words']


def test_an_image_set_chooses_videos_by_name_or_by_file_pairs(root):
    (root / 'names.txt').write_text('bear\n\nant\n')
    pairs = ''.join(
        f'/JPEGImages/480p/bear/{t:05d}.jpg /Annotations/480p/bear/{t:05d}.png \n' for t in range(6)
    )
    (root / 'pairs.txt').write_text(pairs)
    listed = {
        f: [i['video_name'] for i in train(root, ann_file=f).load_data_list()]
        for f in ('names.txt', 'pairs.txt')
    }
    assert listed == {'names.txt': ['bear', 'ant'], 'pairs.txt': ['bear']}


def test_clips_keep_the_ids_of_their_video(root):
    np.random.seed(0)
    ids = {s.video_name: set(s.object_ids) for s in (item['data_samples'] for item in train(root))}
    assert ids['two words'] <= {1, 254} and ids['bear'] | ids['ant'] <= {3, 7}


@pytest.mark.parametrize('prompt', ['mask', 'box'])
def test_a_test_video_starts_from_its_first_frame_and_keeps_ids(root, prompt):
    dataset = DAVIS2017Dataset(str(root), test_mode=True, prompt=prompt)
    item = dataset[2]
    sample = item['data_samples']
    assert sample.name == 'two words' and len(item['inputs']) == 6 and sample.eval_frames == list(range(6))
    assert sample.prompts.object_ids == [1, 254] and list(sample.prompts) == [0]
    masks = make_masks(ids=(1, 254))
    assert np.array_equal(sample.annotation.mask(5), masks[5])
    for given in sample.prompts[0]:
        assert given.kind == prompt
        if prompt == 'mask':
            assert np.array_equal(given.mask, masks[0] == given.object_id)
        else:
            assert given.box.tolist() == sample.annotation.boxes(0)[given.object_id].tolist()


def test_davis_2016_sees_one_object_in_any_masks(root):
    grey = root / 'Annotations' / '480p' / 'bear'
    for t, mask in enumerate(make_masks()):
        cv2.imwrite(str(grey / f'{t:05d}.png'), (mask > 0).astype(np.uint8) * 255)
    dataset = DAVIS2016Dataset(str(root), test_mode=True)
    for i in range(2):
        annotation = dataset[i]['data_samples'].annotation
        assert np.array_equal(annotation.mask(4), make_masks()[4] > 0) and sorted(annotation.boxes(0)) == [1]


def test_davis_2016_keeps_the_void_of_indexed_masks(root):
    masks = make_masks()
    masks[:, 40:] = 255
    for t, mask in enumerate(masks):
        write_id_mask(root / 'Pseudo' / 'bear' / f'{t:05d}.png', mask)
    (root / 'bear.txt').write_text('bear')
    arguments = dict(ann_dir='Pseudo', ann_file='bear.txt', pipeline=[dict(type='LoadClip')])
    annotation = DAVIS2016Dataset(str(root), test_mode=True, **arguments)[0]['data_samples'].annotation
    expected = np.where(masks[2] == 255, 255, masks[2] > 0)
    assert np.array_equal(annotation.mask(2), expected) and annotation.mask(2).dtype == np.uint8
    assert sorted(annotation.boxes(2)) == [1] and annotation.boxes(2)[1][3] <= 40
    np.random.seed(0)
    clip = DAVIS2016Dataset(str(root), **arguments)[0]['id_masks']
    assert all((mask[40:] == 255).all() and set(np.unique(mask[:40])) == {0, 1} for mask in clip)


def test_workers_give_clips_and_test_videos(root):
    clips = DataLoader(train(root), batch_size=3, num_workers=1, collate_fn=pseudo_collate)
    assert [tuple(clip.shape) for clip in next(iter(clips))['inputs']] == [(3, 3, 32, 32)] * 3
    videos = DataLoader(DAVIS2017Dataset(str(root), test_mode=True), num_workers=1, collate_fn=pseudo_collate)
    item = next(iter(videos))
    assert item['inputs'][0].size == (48, 64)
    assert np.array_equal(item['data_samples'][0].annotation.mask(3), make_masks()[3])


FRAME, MASK = 'JPEGImages/480p/bear/00002.jpg', 'Annotations/480p/bear/00002.png'


def no_frame(root):
    # a broken link, as of a dataset copied in part
    (root / FRAME).unlink()
    (root / FRAME).symlink_to('gone.jpg')


def cut_frame(root):
    truncate(root / FRAME)


def empty_frame(root):
    (root / FRAME).write_bytes(b'')


def small_frame(root):
    cv2.imwrite(str(root / FRAME), np.zeros((5, 5, 3), np.uint8))


def no_mask(root):
    (root / MASK).unlink()
    (root / MASK).symlink_to('gone.png')


def cut_mask(root):
    truncate(root / MASK)


def small_mask(root):
    write_id_mask(root / MASK, np.ones((5, 5), np.uint8))


def rgb_mask(root):
    with Image.open(root / MASK) as picture:
        picture.convert('RGB').save(root / MASK)


def deep_mask(root):
    cv2.imwrite(str(root / MASK), np.ones((48, 64), np.uint16))


def no_frames(root):
    shutil.rmtree(root / 'JPEGImages/480p/bear')
    (root / 'JPEGImages/480p/bear').mkdir()


def no_masks(root):
    shutil.rmtree(root / 'Annotations/480p/bear')


BAD_INPUT = [
    (no_frame, VideoError, 'bear/00002.jpg: frame not found. Check'),
    (cut_frame, VideoError, 'bear/00002.jpg: damaged JPEG, it ends early .*Copy'),
    (empty_frame, VideoError, 'bear/00002.jpg: not a readable image .*Copy'),
    (small_frame, VideoError, 'bear/0000[0-9].jpg: frame is .*must share one size'),
    (no_mask, AnnotationError, 'bear/00002.png: mask not found. Check'),
    (cut_mask, AnnotationError, 'bear/00002.png: damaged PNG.*Copy'),
    (small_mask, AnnotationError, 'bear/00002.png: mask is 5x5, its frame is 64x48.*Use'),
    (rgb_mask, AnnotationError, 'bear/00002.png: expected an indexed mask .*found RGB.*save it indexed'),
    (deep_mask, AnnotationError, 'bear/00002.png: expected an 8-bit .*Save it as uint8'),
    (no_frames, VideoError, 'bear: no images found; expected'),
    (no_masks, AnnotationError, 'bear: no such annotation folder; expected'),
]


def whole_video(root, supervision: str = 'mask') -> DAVIS2017Dataset:
    """Every clip reads every frame of the one video."""
    (root / 'bear.txt').write_text('bear')
    sampler = dict(num_frames=6, max_gap=1)
    return DAVIS2017Dataset(
        str(root), ann_file='bear.txt', pipeline=TRAIN_PIPELINE, clip_sampler=sampler, supervision=supervision
    )


@pytest.mark.parametrize('supervision', ['mask', 'box'])
@pytest.mark.parametrize(('damage', 'error', 'says'), BAD_INPUT)
def test_training_stops_at_bad_input(root, damage, error, says, supervision):
    dataset = whole_video(root, supervision)
    dataset[0]
    damage(root)
    with pytest.raises(error, match=says) as caught:
        dataset[0]
    assert isinstance(caught.value, VOSError) and str(root) in str(caught.value)


@pytest.mark.parametrize(('damage', 'error', 'says'), [BAD_INPUT[5]])
def test_training_in_a_worker_stops_at_bad_input(root, damage, error, says):
    damage(root)
    clips = iter(DataLoader(whole_video(root), num_workers=1, collate_fn=pseudo_collate))
    with pytest.raises(error, match=f'(?s){says}'):
        next(clips)


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        (dict(ann_file='ImageSets/gone.txt'), r'gone\.txt: image set not found; expected a file'),
        (
            dict(ann_file='ImageSets/wrong.txt'),
            r"no frames of \['whale'\], listed in .*wrong\.txt.*correct the list",
        ),
        (dict(resolution='1080p'), '1080p: no such folder. Point data_root'),
    ],
)
def test_a_wrong_list_is_an_error_when_the_dataset_is_made(root, arguments, says):
    (root / 'ImageSets' / 'wrong.txt').write_text('bear\nwhale\n')
    with pytest.raises(AnnotationError, match=says):
        DAVIS2017Dataset(str(root), **arguments)


def test_a_part_of_a_list_may_be_there_and_that_is_said(root, caplog, monkeypatch):
    monkeypatch.setattr(MMLogger.get_current_instance(), 'handlers', [caplog.handler])
    (root / 'ImageSets' / 'more.txt').write_text('bear\nwhale\nant\n')
    some = train(root, ann_file='ImageSets/more.txt', only_present=True)
    assert [info['video_name'] for info in some.load_data_list()] == ['bear', 'ant']
    assert '1 of the 3 videos of' in caplog.text and 'are left out: whale.' in caplog.text
    (root / 'ImageSets' / 'none.txt').write_text('whale\n')
    with pytest.raises(AnnotationError, match=r"no frames of \['whale'\]"):
        train(root, ann_file='ImageSets/none.txt', only_present=True)


@pytest.mark.skipif(not DAVIS2016.is_dir(), reason=f'{DAVIS2016} is absent; set VOSPLUG_SHARED')
def test_real_davis_2016(tmp_path):
    lines = (DAVIS2016 / 'ImageSets/480p/val.txt').read_text().splitlines()
    (tmp_path / 'some.txt').write_text('\n'.join(line for line in lines if '/blackswan/' in line))
    dataset = DAVIS2016Dataset(str(DAVIS2016), ann_file=str(tmp_path / 'some.txt'), test_mode=True)
    assert len(dataset) == 1
    item = dataset[0]
    sample = item['data_samples']
    assert item['inputs'].size == (480, 854) and len(item['inputs']) == 50
    stored = np.asarray(Image.open(DAVIS2016 / 'Annotations/480p/blackswan/00000.png'))
    assert set(np.unique(stored)) == {0, 255}
    assert sample.prompts.object_ids == [1] and np.array_equal(sample.prompts[0][0].mask, stored == 255)
    assert np.array_equal(sample.annotation.mask(0), stored == 255)


@pytest.mark.skipif(not DAVIS2017.is_dir(), reason=f'{DAVIS2017} is absent; set VOSPLUG_SHARED')
def test_real_davis_2017_has_several_objects():
    dataset = DAVIS2017Dataset(str(DAVIS2017), resolution='240p', test_mode=True)
    sample = dataset[0]['data_samples']
    stored = np.asarray(Image.open(DAVIS2017 / 'Annotations/240p/dogs-jump/00000.png'))
    assert sample.name == 'dogs-jump' and sample.prompts.object_ids == [1, 2, 3]
    assert np.array_equal(read_id_mask(DAVIS2017 / 'Annotations/240p/dogs-jump/00000.png'), stored)
    merged = DAVIS2016Dataset(str(DAVIS2017), resolution='240p', test_mode=True)[0]['data_samples']
    assert merged.prompts.object_ids == [1] and (merged.annotation.mask(0) == 1).sum() == (stored > 0).sum()


@pytest.mark.skipif(not DAVIS2016.is_dir(), reason=f'{DAVIS2016} is absent; set VOSPLUG_SHARED')
def test_real_clips_of_boxes():
    np.random.seed(0)
    dataset = DAVIS2016Dataset(
        str(DAVIS2016),
        resolution='240p',
        ann_file='ImageSets/480p/train.txt',
        pipeline=TRAIN_PIPELINE,
        supervision='box',
    )
    packed = dataset[0]
    assert len(dataset) == 30 and packed['inputs'].shape == (3, 3, 32, 32)
    assert (
        packed['data_samples'].valid.tolist() == [True] and torch.isfinite(packed['data_samples'].boxes).all()
    )


@pytest.mark.parametrize('name', ['.ipynb_checkpoints', '@eaDir'])
def test_folders_of_programs_are_no_videos(root, name):
    (root / 'JPEGImages' / '480p' / name).mkdir()
    names = [info['video_name'] for info in DAVIS2017Dataset(str(root)).load_data_list()]
    assert names == ['ant', 'bear', 'two words']
