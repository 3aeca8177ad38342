"""A file or folder appears whole or not at all."""

import errno
import os
from pathlib import Path

import pytest
from hostile_files import full_disk

from vosplug.atomic import atomic_path, remove_partials
from vosplug.errors import OutputError


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


def test_a_full_disk_is_named_and_leaves_the_old_file(tmp_path):
    target = tmp_path / 'scores.json'
    target.write_text('old')
    with (
        full_disk(),
        pytest.raises(OutputError, match=r'scores\.json: cannot be written \(File too large\).*Free'),
        atomic_path(target) as partial,
    ):
        partial.write_text('new')
    assert target.read_text() == 'old' and names(tmp_path) == ['scores.json']


def test_no_place_to_write_to_is_named(tmp_path, monkeypatch):
    (tmp_path / 'file').touch()
    for target in (tmp_path / 'file' / 'a.txt', Path('/proc/none/a.txt'), tmp_path / ('a' * 300)):
        with pytest.raises(OutputError, match=f'{target}: cannot be written'), atomic_path(target) as partial:
            partial.touch()
    (tmp_path / 'folder' / 'full').mkdir(parents=True)
    with (
        pytest.raises(OutputError, match='folder: cannot be written'),
        atomic_path(tmp_path / 'folder') as partial,
    ):
        partial.touch()

    def replace(source: Path, target: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(source))

    monkeypatch.setattr(os, 'replace', replace)
    with pytest.raises(OutputError, match=r'b\.txt: cannot be written \(Read-only file system\)'):  # noqa: SIM117
        with atomic_path(tmp_path / 'b.txt') as partial:
            partial.touch()
    assert names(tmp_path) == ['file', 'folder', 'folder/full']


def test_an_error_about_another_file_stays_itself(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / 'a.txt') as partial:
        partial.write_text((tmp_path / 'input.txt').read_text())
    assert names(tmp_path) == []


def test_a_durable_file_is_synchronised_before_it_has_its_name_and_its_folder_after(tmp_path, monkeypatch):
    target, seen = tmp_path / 'a.txt', []
    monkeypatch.setattr(
        os, 'fsync', lambda opened: seen.append((os.readlink(f'/proc/self/fd/{opened}'), target.exists()))
    )
    for durable in (False, True):
        with atomic_path(target, durable=durable) as partial:
            partial.write_text('x')
        assert durable or not seen
        target.unlink()
    assert seen == [(str(partial), False), (str(tmp_path), True)]


def test_files_that_killed_processes_left_are_removed_and_no_others(tmp_path):
    for name in ('.00002.123.png', '00002.png', '.00002.png', '.hidden', '.iter_1.77.pth', '00002.123.png'):
        (tmp_path / name).touch()
    remove_partials(tmp_path, '.png')
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {'00002.png', '.00002.png', '.hidden', '.iter_1.77.pth', '00002.123.png'}
    remove_partials(tmp_path / 'nowhere', '.png')
    with atomic_path(tmp_path / 'a.png') as partial:
        partial.touch()
        remove_partials(tmp_path, '.png')
        assert not partial.exists()
        partial.touch()
