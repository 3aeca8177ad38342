"""Only regular files are opened; what is none is named, and nothing waits for it."""

import os
import socket
from pathlib import Path

import pytest
from small_data import make_masks, write_davis

from vosplug.apis import init_model
from vosplug.checkpoint import load_weights
from vosplug.config import load_config
from vosplug.datasets import DAVIS2017Dataset
from vosplug.errors import AnnotationError, FlowError, VOSError
from vosplug.evaluation.folders import evaluate_folders
from vosplug.evaluation.submission.reference import Reference
from vosplug.files import (
    check_regular,
    is_dir,
    is_file,
    natural_key,
    open_regular,
    read_regular,
    shown_path,
    walk_folders,
)
from vosplug.formats.attributes import read_attributes
from vosplug.formats.image_set import read_image_set
from vosplug.pseudo_labels.box_files import read_box_videos


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / 'pipe')
    return folder / 'pipe'


def listening(folder: Path) -> Path:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(folder / 'socket'))
    server.close()
    return folder / 'socket'


def loop(folder: Path) -> Path:
    (folder / 'a').symlink_to('b')
    (folder / 'b').symlink_to('a')
    return folder / 'a'


def below_a_file(folder: Path) -> Path:
    (folder / 'file').touch()
    return folder / 'file' / 'x'


@pytest.mark.parametrize(
    ('make', 'says'),
    [
        (lambda folder: folder, 'Found a folder, expected a file'),
        (pipe, 'Found a pipe'),
        (listening, 'Found a socket'),
        (lambda folder: Path('/dev/zero'), 'Found a device'),
        (loop, r'cannot be read \(Too many levels of symbolic links\)'),
        (lambda folder: folder / 'gone', 'gone: ask for it'),
        (below_a_file, 'x: ask for it'),
        (lambda folder: folder / 'a\0b', r"a\\x00b': cannot be read \(embedded null byte\)"),
        (
            lambda folder: folder / ('x' * 5000),
            r'^.{0,400}\.\.\.x{100}: cannot be read \(File name too long\)',
        ),
        (lambda folder: folder / 'a\ud800', r"a\\ud800': cannot be read"),
    ],
)
@pytest.mark.parametrize('opener', [check_regular, open_regular, read_regular])
def test_what_is_no_file_is_named(tmp_path, opener, make, says):
    with pytest.raises(FlowError, match=says):
        opener(make(tmp_path), FlowError, 'ask for it')


@pytest.mark.skipif(os.geteuid() == 0, reason='the superuser may read every file')
def test_a_file_without_permission_is_named(tmp_path):
    path = tmp_path / 'secret'
    path.touch(mode=0)
    with pytest.raises(AnnotationError, match=r'secret: cannot be read \(Permission denied\)'):
        open_regular(path, AnnotationError)


def test_a_file_and_a_link_to_it_are_read(tmp_path):
    (tmp_path / 'file').write_bytes(b'content')
    (tmp_path / 'link').symlink_to('file')
    assert read_regular(tmp_path / 'link', AnnotationError) == b'content'
    with open_regular(str(tmp_path / 'file'), AnnotationError) as file:
        assert file.read(3) == b'con'


def test_paths_are_shown_on_one_line():
    assert shown_path('data/ä b.png') == 'data/ä b.png'
    assert shown_path('a\nb') == r"'a\nb'"


NO_NAMES = ['x' * 300, 'x/' * 3000, 'a\0b', '\ud800']


@pytest.mark.parametrize('name', NO_NAMES)
def test_names_that_no_file_can_have_are_not_there(name):
    assert not is_file(name) and not is_dir(name) and not is_file(Path(name)) and not is_dir(Path(name))


OPENING = {
    'config': lambda name, folder: load_config(f'{name}.py'),
    'base': lambda name, folder: load_config(written(folder / 'a.yaml', f'_base_: {name}.yaml')),
    'image set': lambda name, folder: read_image_set(name),
    'checkpoint': lambda name, folder: load_weights(None, name),
    'attributes': lambda name, folder: read_attributes(f'{name}.json'),
    'folder to score': lambda name, folder: evaluate_folders('davis2017', name, name),
    'folder of a submission': lambda name, folder: Reference(gt=Path(name)),
    'data_root': lambda name, folder: DAVIS2017Dataset(name),
    'ann_dir': lambda name, folder: DAVIS2017Dataset(str(davis(folder)), ann_dir=name),
    'sequence of a dataset': lambda name, folder: DAVIS2017Dataset(
        str(davis(folder)), ann_file=str(written(folder / 'list.txt', name))
    ),
    'sequence to score': lambda name, folder: evaluate_folders(
        'davis2017', folder, folder, written(folder / 'list.txt', name)
    ),
    'sequence of a submission': lambda name, folder: Reference(frames=folder).frame_names(name),
    'video of a table': lambda name, folder: read_box_videos(
        written(folder / 'boxes.csv', f'video,frame,object,x1,y1,x2,y2\n{name},0,1,0,0,5,5'), folder
    ),
    'folder of videos': lambda name, folder: read_box_videos(
        written(folder / 'boxes.csv', 'video,frame,object,x1,y1,x2,y2\na,0,1,0,0,5,5'), name
    ),
    'model': lambda name, folder: init_model(name),
}


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def davis(folder: Path) -> Path:
    return write_davis(folder, {'bear': make_masks()})


@pytest.mark.parametrize('opening', OPENING.values(), ids=OPENING)
def test_a_name_that_is_too_long_is_an_error_that_shows_it(tmp_path, opening):
    with pytest.raises(VOSError, match='xxx') as caught:
        opening('x' * 300, tmp_path)
    assert len(str(caught.value)) < 3000


@pytest.mark.parametrize('path', [None, 5, True, [1], b'a'])
def test_only_paths_are_opened(path):
    with pytest.raises(FlowError, match='^found .* expected the path of a file'):
        read_regular(path, FlowError)


def test_linked_folders_are_walked_and_loops_are_not(tmp_path):
    root, away = tmp_path / 'root', tmp_path / 'away'
    for folder in (root / 'b', root / '.git', root / '@eaDir', away / 'deep'):
        folder.mkdir(parents=True)
        (folder / 'x').touch()
    (root / '._x').touch()
    (root / 'a').symlink_to('../away')
    (root / 'twin').symlink_to('b')
    (root / 'gone').symlink_to('nowhere')
    for link, target in ((root / 'b' / 'up', '..'), (root / 'b' / 'top', '/'), (away / 'deep' / 'r', root)):
        link.symlink_to(target)
    found = {
        str(f.relative_to(root)): (folders, names) for f, folders, names in walk_folders(root, FlowError)
    }
    assert found == {
        '.': (['a', 'b', 'twin'], ['gone']),
        'a': (['deep'], []),
        'a/deep': ([], ['x']),
        'b': ([], ['x']),
        'twin': ([], ['x']),
    }


@pytest.mark.parametrize(
    ('name', 'says'),
    [('gone', 'gone: cannot be read'), ('a\0b', 'null byte'), ('a', r'a: cannot be read \(Too many levels')],
)
def test_what_is_no_folder_to_walk_is_named(tmp_path, name, says):
    loop(tmp_path)
    with pytest.raises(FlowError, match=says):
        list(walk_folders(tmp_path / name, FlowError))
    with pytest.raises(FlowError, match=r'[ab]: cannot be read \(Too many levels'):
        list(walk_folders(tmp_path, FlowError))


@pytest.mark.parametrize('digits', [4300, 5000])
def test_numbers_of_any_length_have_an_order(digits):
    names = [f'a{"9" * digits}b', f'a0{"9" * (digits - 1)}b', 'a007', 'a08b2', 'a8b10', 'a10', 'b', '']
    expected = ['', 'a007', 'a08b2', 'a8b10', 'a10', names[1], names[0], 'b']
    assert sorted(names, key=natural_key) == expected
