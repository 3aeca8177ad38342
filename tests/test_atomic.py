"""A file or folder appears whole or not at all."""

import os

import pytest

from vosplug.atomic import atomic_path


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob('*'))


def test_the_target_appears_when_the_block_ends(tmp_path):
    target = tmp_path / 'new' / 'mask.png'
    with atomic_path(target) as partial:
        partial.write_text('whole')
        assert partial.suffix == '.png' and partial.name.startswith('.') and not target.exists()
    assert target.read_text() == 'whole'
    assert names(tmp_path) == ['new', 'new/mask.png']


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / 'scores.json'
    target.write_text('old')
    with pytest.raises(RuntimeError), atomic_path(target) as partial:
        partial.write_text('half')
        raise RuntimeError
    assert target.read_text() == 'old' and names(tmp_path) == ['scores.json']


def test_a_folder_is_moved_whole_and_removed_after_an_error(tmp_path):
    target, elsewhere = tmp_path / 'labels' / 'bear', tmp_path / 'work'
    with pytest.raises(RuntimeError), atomic_path(target, elsewhere) as partial:
        partial.mkdir()
        (partial / '0.png').write_text('half')
        raise RuntimeError
    assert names(tmp_path) == ['labels', 'work']
    with atomic_path(target, elsewhere) as partial:
        partial.mkdir()
        (partial / '0.png').write_text('whole')
        assert partial.parent == elsewhere
    assert names(tmp_path) == ['labels', 'labels/bear', 'labels/bear/0.png', 'work']


def test_two_processes_write_to_different_files(tmp_path, monkeypatch):
    with atomic_path(tmp_path / 'a.txt') as first:
        monkeypatch.setattr(os, 'getpid', lambda: -1)
        with atomic_path(tmp_path / 'a.txt') as second:
            assert first != second
            first.write_text('1')
            second.write_text('2')
    assert names(tmp_path) == ['a.txt']
