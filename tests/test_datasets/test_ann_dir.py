"""Other masks than the dataset's own, such as pseudo-labels, in every dataset of frame folders."""

import shutil
from functools import partial

import numpy as np
import pytest
from small_data import TRAIN_PIPELINE, make_frames, make_masks, write_davis, write_frames, write_ytvos

from vosplug.datasets import DAVIS2016Dataset, DAVIS2017Dataset, LongVideoDataset, YouTubeVOSDataset
from vosplug.errors import AnnotationError
from vosplug.formats import write_id_mask

MASKS = make_masks()
VIDEOS = {'ant': MASKS, 'bear': MASKS}
LABELS = 'PseudoLabels/box2seg/Annotations'


def write_long(root, videos):
    for name, masks in videos.items():
        write_frames(root / 'JPEGImages' / name, make_frames(masks))


# YouTube-VOS's frames are named in steps of 5
BENCHMARKS = {
    'davis2016': (DAVIS2016Dataset, write_davis, 1),
    'davis2017': (DAVIS2017Dataset, write_davis, 1),
    'ytvos': (YouTubeVOSDataset, partial(write_ytvos, split='train'), 5),
    'long': (LongVideoDataset, write_long, 1),
}


@pytest.fixture(params=BENCHMARKS)
def labelled(request, tmp_path):
    """A dataset's class, and its folder with pseudo-labels: object 1 in the upper half, void in the lower."""
    dataset, write, step = BENCHMARKS[request.param]
    write(tmp_path, videos=VIDEOS)
    for folder in tmp_path.rglob('Annotations'):
        shutil.rmtree(folder)  # labels alone must do
    for name, masks in VIDEOS.items():
        for t, mask in enumerate(masks):
            label = np.where(mask > 0, 1, 0).astype(np.uint8)
            label[24:] = 255
            write_id_mask(tmp_path / LABELS / name / f'{step * t:05d}.png', label)
    return dataset, tmp_path


@pytest.mark.parametrize('absolute', [False, True])
def test_clips_and_test_videos_come_from_the_labels(labelled, absolute):
    dataset, root = labelled
    ann_dir = str(root / LABELS) if absolute else LABELS
    np.random.seed(0)
    clips = dataset(str(root), ann_dir=ann_dir, pipeline=TRAIN_PIPELINE, clip_sampler=dict(num_frames=2))
    assert len(clips) == 2 and clips[0]['data_samples'].object_ids == [1]
    annotation = dataset(str(root), ann_dir=ann_dir, test_mode=True)[1]['data_samples'].annotation
    mask = annotation.mask(3)
    assert (mask[24:] == 255).all() and np.array_equal(mask[:24], MASKS[3][:24] > 0)


def test_videos_without_labels_are_named_when_the_dataset_is_made(labelled):
    dataset, root = labelled
    shutil.rmtree(root / LABELS / 'bear')
    with pytest.raises(
        AnnotationError, match=r'box2seg/Annotations/bear: no such folder.*\(1 of 2 videos.*ann_file'
    ):
        dataset(str(root), ann_dir=LABELS)
    (root / 'labelled.txt').write_text('ant\n')
    assert len(dataset(str(root), ann_dir=LABELS, ann_file='labelled.txt')) == 1


def test_a_wrong_folder_is_named(labelled):
    dataset, root = labelled
    with pytest.raises(AnnotationError, match="labels: no such folder of masks .ann_dir='labels', relative"):
        dataset(str(root), ann_dir='labels')
