"""Random splits of videos, and the tool that writes them."""

import json
import runpy
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vosplug.datasets.video_split import random_split
from vosplug.errors import ConfigError
from vosplug.formats.image_set import read_image_set

TOOL = Path(__file__).parents[2] / 'tools' / 'dataset_converters' / 'split_videos.py'
NAMES = [f'video {k:03}' for k in range(50)]


@given(st.sets(st.text(min_size=1), min_size=3), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_every_video_is_in_one_part(names, count, seed):
    split = random_split(names, dict(a=count), seed)
    assert len(split['a']) == count and sorted(split['a'] + split['rest']) == sorted(names)


def test_numbers_and_shares():
    split = random_split(NAMES, dict(a=0.1, b=7))
    assert {part: len(videos) for part, videos in split.items()} == dict(a=5, b=7, rest=38)
    assert all(videos == sorted(videos) for videos in split.values())


def test_the_order_of_the_videos_changes_nothing_and_the_seed_does():
    parts = dict(yt300=30)
    assert random_split(NAMES, parts) == random_split(NAMES[::-1], parts) != random_split(NAMES, parts, 1)


@pytest.mark.parametrize(
    'parts',
    [
        dict(a=51),
        dict(a=30, b=0.5),
        dict(a=0),
        dict(rest=3),
        dict(a=0.001),
        {},
        dict(a='x'),
        dict(a=float('nan')),
    ],
)
def test_impossible_parts_are_refused(parts):
    with pytest.raises(ConfigError, match='parts: found .*expected'):
        random_split(NAMES, parts)


@pytest.mark.parametrize('kind', ['list.txt', 'meta.json'])
def test_the_tool_writes_lists_that_datasets_read(tmp_path, monkeypatch, capsys, kind):
    meta = json.dumps(dict(videos={name: dict(objects={}) for name in NAMES}))
    (tmp_path / kind).write_text(meta if kind == 'meta.json' else '\n'.join(NAMES))
    arguments = [TOOL, tmp_path / kind, tmp_path / 'split', '--parts', 'yt300=30', '--seed', '3']
    monkeypatch.setattr(sys, 'argv', [str(a) for a in arguments])
    runpy.run_path(str(TOOL), run_name='__main__')
    expected = random_split(NAMES, dict(yt300=30), seed=3)
    for part in ('yt300', 'rest'):
        assert read_image_set(tmp_path / 'split' / f'{part}.txt') == expected[part]
    assert 'yt300.txt: 30' in capsys.readouterr().out


def test_the_tool_refuses_without_a_traceback(tmp_path, monkeypatch):
    (tmp_path / 'list.txt').write_text('\n'.join(NAMES))
    arguments = [TOOL, tmp_path / 'list.txt', tmp_path / 'split', '--parts', 'a=99']
    monkeypatch.setattr(sys, 'argv', [str(a) for a in arguments])
    with pytest.raises(SystemExit, match="ConfigError: parts: found {'a': 99}"):
        runpy.run_path(str(TOOL), run_name='__main__')
    assert not (tmp_path / 'split').exists()
