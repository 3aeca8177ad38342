"""Your own videos: folders or files of frames, masks beside them."""

import cv2
import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_data import TRAIN_PIPELINE, make_frames, make_masks, write_frames

from vosplug.datasets import VideoFolderDataset
from vosplug.errors import AnnotationError, VideoError
from vosplug.formats import write_id_mask
from vosplug.visualization import write_mp4


def write(tmp_path):
    """A folder of frames with masks of ids, a video file with black and white masks of some frames."""
    masks = make_masks()
    write_frames(tmp_path / 'frames' / 'cat', make_frames(masks))
    write_mp4(tmp_path / 'frames' / 'dog.mp4', make_frames(masks))
    (tmp_path / 'masks' / 'dog').mkdir(parents=True)
    for t, mask in enumerate(masks):
        write_id_mask(tmp_path / 'masks' / 'cat' / f'{t:05d}.png', mask)
        if t % 2 == 0:
            cv2.imwrite(str(tmp_path / 'masks' / 'dog' / f'{t:05d}.png'), (mask > 0).astype(np.uint8) * 255)
    return tmp_path


@pytest.fixture
def root(tmp_path):
    return write(tmp_path)


class TestVideoFolder(DatasetTester):
    def build(self, root, **kwargs):
        return VideoFolderDataset(str(write(root)), **kwargs)


def test_folders_and_files_are_videos(root):
    dataset = VideoFolderDataset(str(root), test_mode=True)
    cat, dog = (dataset[i]['data_samples'] for i in range(2))
    assert (cat.name, dog.name) == ('cat', 'dog')
    assert cat.prompts.object_ids == [3, 7] and cat.eval_frames == list(range(6))
    assert dog.prompts.object_ids == [1] and dog.eval_frames == [0, 2, 4] and len(dog.source) == 6


@pytest.mark.parametrize('video', [0, 1])
def test_training_uses_the_annotated_frames(root, video):
    np.random.seed(0)
    dataset = VideoFolderDataset(
        str(root), pipeline=TRAIN_PIPELINE, clip_sampler=dict(num_frames=2, max_gap=3)
    )
    seen = {name for _ in range(12) for name in dataset[video]['data_samples'].frame_names}
    assert seen == {f'{t:05d}' for t in range(0, 6, 1 + video)}


def test_a_list_chooses_and_orders(root):
    (root / 'list.txt').write_text('dog\n\ncat\n')
    dataset = VideoFolderDataset(str(root), ann_file='list.txt')
    assert [dataset.get_data_info(i)['video_name'] for i in range(2)] == ['dog', 'cat']


def test_a_video_without_masks_is_named(root):
    write_frames(root / 'frames' / 'eel', make_frames(make_masks(2)))
    dataset = VideoFolderDataset(str(root), pipeline=TRAIN_PIPELINE)
    with pytest.raises(AnnotationError, match='masks/eel: video eel has no annotation folder. Add'):
        dataset[2]


def test_an_empty_video_and_a_garbage_file_are_named(root):
    (root / 'frames' / 'dog.mp4').write_bytes(b'\0no video' * 99)
    (root / 'frames' / 'eel').mkdir()
    dataset = VideoFolderDataset(str(root), pipeline=TRAIN_PIPELINE)
    with pytest.raises(VideoError, match=r'dog\.mp4: no frames can be decoded\. Re-encode'):
        dataset[1]
    with pytest.raises(VideoError, match='frames/eel: no images found'):
        dataset[2]


def test_two_videos_of_one_name_are_an_error(root):
    (root / 'frames' / 'cat.avi').write_bytes(b'')
    with pytest.raises(VideoError, match=r'cat\.avi: a second video named cat, besides cat\. Rename'):
        VideoFolderDataset(str(root))


def test_a_wrong_list_and_a_wrong_folder(root, tmp_path_factory):
    (root / 'list.txt').write_text('cat\nyak\n')
    with pytest.raises(VideoError, match=r"frames: no video for \['yak'\].*list\.txt"):
        VideoFolderDataset(str(root), ann_file='list.txt')
    with pytest.raises(AnnotationError, match=r'gone\.txt: image set not found'):
        VideoFolderDataset(str(root), ann_file='gone.txt')
    with pytest.raises(VideoError, match='clips: no such folder; expected'):
        VideoFolderDataset(str(root), frames_dir='clips')
    with pytest.raises(AnnotationError, match=r"gone: no such folder of masks \(ann_dir='gone'"):
        VideoFolderDataset(str(root), ann_dir='gone')
    empty = tmp_path_factory.mktemp('empty')
    (empty / 'frames').mkdir()
    (empty / 'masks').mkdir()
    with pytest.raises(VideoError, match='frames: no video for this dataset'):
        VideoFolderDataset(str(empty))


def test_labels_elsewhere_are_read(root):
    (root / 'masks').rename(root / 'labels')
    dataset = VideoFolderDataset(str(root), ann_dir='labels', test_mode=True)
    assert dataset[0]['data_samples'].prompts.object_ids == [3, 7]


@pytest.mark.parametrize('name', ['.ipynb_checkpoints', '@eaDir'])
def test_folders_of_programs_are_no_videos(root, name):
    (root / 'frames' / name).mkdir()
    names = [info['video_name'] for info in VideoFolderDataset(str(root)).load_data_list()]
    assert names == ['cat', 'dog']
