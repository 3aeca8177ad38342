"""Lengths of videos and fill of boxes are what the masks say."""

import json
import math
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from small_data import make_masks, write_davis, write_ytvis

from vosplug.datasets import DAVIS2017Dataset, YTVISDataset
from vosplug.evaluation.dataset_statistics import box_fill, count_dataset
from vosplug.structures import ImageFolderSource

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'dataset_statistics.py'


def stairs() -> np.ndarray:
    """Object 3 fills half of its box less the diagonal, 9 all of it but void; (1, 20, 30)."""
    mask = np.zeros((1, 20, 30), np.uint8)
    mask[0, 2:6, 2:6] = 3 * np.tri(4, dtype=np.uint8)
    mask[0, 10:20, 10:20] = 9
    mask[0, 12:14, 12:17] = 255
    return mask


def test_box_fill_by_hand():
    assert box_fill(stairs()[0]) == {3: 10 / 16, 9: 0.9}
    assert box_fill(np.full((3, 3), 255, np.uint8)) == {}


@pytest.fixture
def root(tmp_path):
    return write_davis(tmp_path, {'a': np.repeat(stairs(), 3, 0), 'b': stairs(), 'fog': 0 * stairs()})


def test_a_dataset_without_decoding_a_frame(root, monkeypatch):
    counted = count_dataset(DAVIS2017Dataset(str(root)))
    assert counted.frames == dict(a=3, b=1, fog=1)
    assert counted.fills == dict(a={3: [0.625] * 3, 9: [0.9] * 3}, b={3: [0.625], 9: [0.9]}, fog={})
    assert counted.summary() == dict(
        videos=3, frames=5, shortest=1, median_length=1, longest=3, objects=4, boxes=8, median_fill=0.7625,
        mean_fill=pytest.approx(0.7625),
    )  # fmt: skip
    # a frame's size is read from the first one, nothing else
    read = []
    original = ImageFolderSource.__getitem__
    monkeypatch.setattr(ImageFolderSource, '__getitem__', lambda s, t: read.append(t) or original(s, t))
    count_dataset(DAVIS2017Dataset(str(root)))
    assert set(read) == {0} and len(read) == 3


def test_a_part_is_chosen_at_random_by_the_seed(root):
    dataset = DAVIS2017Dataset(str(root))
    parts = [tuple(count_dataset(dataset, 2, seed).frames) for seed in (0, 0, *range(20))]
    assert parts[0] == parts[1] and set(parts) == {('a', 'b'), ('a', 'fog'), ('b', 'fog')}
    assert len(count_dataset(dataset, 99).frames) == 3


def test_boxes_without_masks_have_no_fill(tmp_path):
    write_ytvis(tmp_path, dict(v=make_masks(2)), masks=False)
    counted = count_dataset(YTVISDataset(str(tmp_path), 'instances.json'))
    assert counted.frames == dict(v=2) and not counted.all_fills.size
    assert math.isnan(counted.summary()['mean_fill'])


def run_tool(monkeypatch, *args: object) -> None:
    monkeypatch.setattr(sys, 'argv', [TOOL.name, *map(str, args)])
    runpy.run_path(str(TOOL), run_name='__main__')


@pytest.fixture
def config(root):
    path = root / 'mixture.py'
    path.write_text(
        'train_dataloader = dict(dataset=dict(type="MixtureDataset", datasets=dict('
        f'davis=dict(type="DAVIS2017Dataset", data_root={str(root)!r}),'
        'made=dict(type="SyntheticVOS", num_videos=4, num_frames=3, size=(32, 48)))))\n'
    )
    return path


def test_the_tool_prints_draws_and_writes_every_dataset(config, tmp_path, monkeypatch, capsys):
    run_tool(monkeypatch, config, '--num-videos', 3, '--out', tmp_path / 'out')
    report = json.loads((tmp_path / 'out' / 'statistics.json').read_text())
    assert list(report) == ['davis', 'made'] and report['made']['summary']['frames'] == 9
    assert report['davis']['fills']['b'] == {'3': [0.625], '9': [0.9]}
    assert (tmp_path / 'out' / 'statistics.png').read_bytes().startswith(b'\x89PNG')
    printed = capsys.readouterr().out
    assert '1 to 3, median 1' in printed and '76.2%' in printed


def test_the_tool_names_what_is_missing(config, monkeypatch):
    with pytest.raises(SystemExit, match='ConfigError: .*mixture.py: test_dataloader: not in this config'):
        run_tool(monkeypatch, config, '--split', 'test')
