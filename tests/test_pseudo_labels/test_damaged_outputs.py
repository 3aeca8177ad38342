"""What was deleted or damaged is made again; what cannot be written is named and leaves nothing half."""

import errno
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from mmengine.logging import MMLogger
from small_factory import box_factory, tree, write_four_videos

from vosplug.errors import OutputError
from vosplug.formats import read_id_mask, write_id_mask
from vosplug.pseudo_labels import quality, write_quality


@pytest.fixture
def root(tmp_path) -> Path:
    return write_four_videos(tmp_path)


def run(root: Path, **options) -> list[str]:
    """Make all labels; returns the videos that the model was asked for."""
    factory, videos = box_factory(root, **options)
    factory.make_all(videos)
    factory.finalize(videos)
    return factory.maker.labeller.asked


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)


def edit(path: Path) -> None:
    mask = read_id_mask(path, binary=False)
    write_id_mask(path, np.full_like(mask, 7))


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize('damage', [Path.unlink, truncate, flip, edit, replace_by_folder])
def test_a_damaged_mask_is_made_again_from_the_cache(root, damage):
    run(root)
    before = tree(root / 'out')
    damage(root / 'out' / 'Annotations' / 'cats' / 'one' / '00001.png')
    assert run(root) == []
    assert tree(root / 'out') == before


def test_a_deleted_folder_of_masks_is_made_again(root):
    run(root)
    before = tree(root / 'out')
    folder = root / 'out' / 'Annotations' / 'bear'
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert run(root) == [] and tree(root / 'out') == before


def test_a_copied_folder_of_labels_is_up_to_date(root):
    """A copy has new times in any order; contents decide."""
    run(root)
    before = tree(root / 'out')
    for path in root.joinpath('out', 'Annotations').rglob('*.png'):
        os.utime(path)
    factory, videos = box_factory(root)
    assert factory.make_all(videos) == 0
    factory.finalize(videos)
    assert tree(root / 'out') == before


STATES = [b'', b'{"finger', b'[]', b'null', b'"text"', b'\xff\xfe', b'{"fingerprint": 3}']


@pytest.mark.parametrize('kind', ['finished', 'masks'])
@pytest.mark.parametrize('content', [*STATES, None])
def test_a_damaged_state_file_is_made_again(root, kind, content, caplog, monkeypatch):
    monkeypatch.setattr(MMLogger.get_current_instance(), 'handlers', [caplog.handler])
    run(root)
    before = tree(root / 'out')
    for path in (root / 'out' / 'work' / kind).rglob('*.json'):
        if content is None:
            truncate(path)
        else:
            path.write_bytes(content)
    for path in (root / 'out' / 'Annotations').rglob('*.png'):
        path.unlink()  # so that the masks are asked for
    run(root)
    assert tree(root / 'out') == before
    assert f'damaged; {kind} of video bear is made again' in caplog.text


def test_a_state_file_of_wrong_types_inside_is_made_again(root):
    run(root)
    before = tree(root / 'out')
    for path in (root / 'out' / 'work').rglob('*.json'):
        path.write_bytes(
            path.read_bytes().replace(b'"fingerprint":"', b'"fingerprint":["').replace(b'",', b'"],')
        )
        path.write_bytes(path.read_bytes()[:-5] + b'\n')
    assert len(run(root)) == 4
    assert tree(root / 'out') == before


@pytest.mark.skipif(sys.platform == 'win32', reason='needs limits of file sizes')
@pytest.mark.parametrize('limit', [10, 200, 800])
def test_a_full_disk_is_named_and_leaves_no_half_file(root, limit):
    import resource

    run(root, out='whole')
    factory, videos = box_factory(root)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))  # larger files fail to be written
    try:
        with pytest.raises(OutputError, match='cannot be written'):
            factory.make_all(videos)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    whole = tree(root / 'whole')
    for name, data in tree(root / 'out').items():
        assert name.startswith('work/locks/') or whole[name] == data
    run(root)
    assert tree(root / 'out') == whole


@pytest.mark.parametrize('code', [errno.ENOSPC, errno.EROFS])
def test_whatever_file_cannot_be_written_is_named(root, code, monkeypatch):
    """Every file in turn; nothing temporary stays, and the next run completes the labels."""
    run(root, out='whole')
    replace, failing = os.replace, -1

    def counted(source, target):
        nonlocal failing
        failing -= 1
        if failing == -1:
            raise OSError(code, os.strerror(code), source)
        replace(source, target)

    monkeypatch.setattr(os, 'replace', counted)
    for failing in range(0, 40, 4):
        at = failing
        try:
            factory, videos = box_factory(root, f'out{at}')
            factory.make_all(videos)
            factory.finalize(videos)
        except OutputError as error:
            assert os.strerror(code) in str(error)
        failing = -2  # never
        left = [p for p in (root / f'out{at}').rglob('*') if p.is_file() and p.name.startswith('.')]
        assert left == []
        run(root, out=f'out{at}')
        assert tree(root / f'out{at}') == tree(root / 'whole')


def test_a_file_in_place_of_the_folder_is_named(root):
    (root / 'out').write_text('no folder')
    factory, videos = box_factory(root)
    with pytest.raises(OutputError, match='out'):
        factory.make_all(videos)
    assert (root / 'out').read_text() == 'no folder'


def test_a_quality_report_that_cannot_be_written_is_named(root, monkeypatch):
    factory, videos = box_factory(root)
    factory.make_all(videos)
    rows = factory.finalize(videos)

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(quality, 'write_json', full)
    with pytest.raises(OutputError, match='No space left'):
        write_quality(root / 'out', videos, rows)
