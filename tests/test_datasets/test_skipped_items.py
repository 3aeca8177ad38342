"""Training with files that cannot be read: an error, or a counted and logged number of other items."""

import logging

import numpy as np
import pytest
from mmengine.dataset import pseudo_collate
from small_data import TRAIN_PIPELINE, make_masks, truncate, write_davis
from torch.utils.data import DataLoader

from vosplug.datasets import DAVIS2017Dataset, base_video_dataset
from vosplug.errors import AnnotationError, ConfigError, VideoError

NAMES = [f'v{k}' for k in range(6)]


@pytest.fixture
def root(tmp_path):
    return write_davis(tmp_path, {name: make_masks(4) for name in NAMES})


@pytest.fixture
def logged(monkeypatch):
    lines = []
    monkeypatch.setattr(base_video_dataset, 'print_log', lambda text, level, **_: lines.append((level, text)))
    return lines


def dataset(root, **options) -> DAVIS2017Dataset:
    return DAVIS2017Dataset(
        data_root=str(root), ann_file='ImageSets/train.txt', pipeline=TRAIN_PIPELINE,
        clip_sampler=dict(num_frames=2), **options,
    )  # fmt: skip


def damage(root, *names: str) -> None:
    for name in names:
        for frame in (root / 'JPEGImages' / '480p' / name).iterdir():
            truncate(frame)


def test_by_default_a_damaged_frame_stops_the_training(root):
    damage(root, 'v2')
    with pytest.raises(VideoError, match=r'v2/0000\d\.jpg: damaged JPEG'):
        dataset(root)[2]


def test_another_item_takes_its_place_and_the_file_is_logged(root, logged):
    damage(root, 'v2')
    skipping = dataset(root, on_error='skip')
    clips = []
    for _ in range(2):
        np.random.seed(0)
        clips.append(skipping[2])
    assert clips[0]['inputs'].equal(clips[1]['inputs']), 'the same one'
    assert clips[0]['inputs'].shape == (2, 3, 32, 32)
    level, text = logged[0]
    assert level == logging.WARNING and 'item 2 is skipped, 1 of at most 10' in text and 'v2/' in text
    assert '1 of at most 10' in logged[1][1], 'different items are counted'


def test_damaged_masks_are_skipped_too(root, logged):
    for mask in (root / 'Annotations' / '480p' / 'v1').iterdir():
        truncate(mask)
    assert dataset(root, on_error='skip')[1]['inputs'].shape == (2, 3, 32, 32)
    assert len(logged) == 1 and 'v1/' in logged[0][1]


def test_too_many_skipped_items_are_an_error(root, logged):
    damage(root, 'v1', 'v2', 'v4')
    skipping = dataset(root, on_error='skip', max_skipped=2)
    with pytest.raises(
        VideoError, match=r'v\d/.*DAVIS2017Dataset has skipped 3 items, more than max_skipped=2'
    ):
        for k in (1, 2, 4):
            skipping[k]
    assert len(logged) >= 2


def test_a_dataset_without_a_readable_item_is_an_error(root, logged):
    damage(root, *NAMES)
    with pytest.raises(VideoError, match='damaged JPEG'):
        dataset(root, on_error='skip')[0]


def test_workers_count_together(root):
    damage(root, 'v0', 'v1', 'v3')
    skipping = dataset(root, on_error='skip', max_skipped=3)
    loader = DataLoader(skipping, batch_size=1, num_workers=2, collate_fn=pseudo_collate)
    assert len(list(loader)) == 6 and int(skipping._skipped.sum()) == 3
    skipping.full_init()
    assert int(skipping._skipped.sum()) == 3


def test_testing_never_skips(root):
    truncate(root / 'Annotations' / '480p' / 'v1' / '00000.png')
    with pytest.raises(AnnotationError, match='v1'):
        dataset(root, on_error='skip', test_mode=True)[1]


def test_an_unknown_policy_is_named(root):
    with pytest.raises(ConfigError, match=r"on_error: found 'ignore', expected one of \('raise', 'skip'\)"):
        dataset(root, on_error='ignore')
