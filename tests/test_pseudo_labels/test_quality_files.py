"""Quality report of labels from unusable boxes."""

import csv
import shutil
from pathlib import Path

import pytest
from small_box2seg import write_boxed_videos

from vosplug.errors import ConfigError
from vosplug.models import FilledBoxInitializer
from vosplug.pseudo_labels import LabelFactory, Labeller, Rules, read_box_videos, write_quality


@pytest.fixture
def root(tmp_path) -> Path:
    return write_boxed_videos(tmp_path)


def quality(root: Path, truth: bool = True, **kwargs) -> dict[str, float]:
    """Label with filled boxes and write the report."""
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    factory = LabelFactory(root / 'out', Labeller(FilledBoxInitializer()))
    factory.make_all(videos)
    rows = factory.finalize(videos)
    return write_quality(root / 'out', videos, rows, root / 'truth' if truth else None, **kwargs)


def change_box(root: Path, box: list[str] | None) -> None:
    """Replace the first box of the table; None removes all boxes of its object."""
    rows = list(csv.reader((root / 'boxes.csv').open()))
    if box is None:
        rows = [row for row in rows if row[::2][:2] != rows[1][::2][:2]]
    else:
        rows[1][3:7] = box
    (root / 'boxes.csv').write_text('\n'.join(map(','.join, rows)) + '\n')


@pytest.mark.parametrize(
    'box', [['nan', '1', '5', '5'], ['-inf', '1', 'inf', '5'], ['-1e30', '1', '1e30', '5'], None]
)
def test_any_box_of_a_table_can_be_shown_against_true_masks(root, box):
    whole = quality(root)['J-Mean']
    change_box(root, box)
    (root / 'out' / 'worst.png').unlink()
    assert quality(root)['J-Mean'] < whole
    assert (root / 'out' / 'worst.png').is_file()


def test_a_video_without_any_mask_is_not_scored(root):
    rest = [r for r in csv.reader((root / 'boxes.csv').open()) if r[0] != 'bear' or r[1] == '00001']
    (root / 'boxes.csv').write_text('\n'.join(map(','.join, rest)) + '\n')
    (root / 'videos' / 'bear' / '00001.jpg').unlink()
    shutil.rmtree(root / 'truth' / 'bear')
    numbers = quality(root)
    assert numbers['skipped'] == 2 and numbers['J-Mean'] > 0


def test_a_damaged_first_frame_does_not_stop_the_run(root):
    (root / 'videos' / 'bear' / '00000.jpg').write_bytes(b'no picture')
    numbers = quality(root)
    assert (numbers['skipped'], numbers['ok']) == (2, 9)
    assert not (root / 'out' / 'Annotations' / 'bear' / '00000.png').exists()


@pytest.mark.parametrize('worst', [0, -1])
def test_without_worst_frames_there_is_no_image(root, worst):
    quality(root, truth=False)
    assert (root / 'out' / 'worst.png').is_file()
    assert quality(root, truth=False, worst=worst)['ok'] == 11
    assert not (root / 'out' / 'worst.png').exists()


def test_a_threshold_needs_true_masks(tmp_path):
    with pytest.raises(ConfigError, match='min_iou: found 0.5 without ground-truth masks'):
        LabelFactory(tmp_path, Labeller(FilledBoxInitializer()), Rules(min_iou=0.5))
