"""Names from data make paths below the folder of outputs, and nowhere else."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vosplug.errors import AnnotationError
from vosplug.formats.output_path import output_path


def test_names_with_folders_are_joined(tmp_path):
    assert output_path(tmp_path, 'LaSOT/zebra-14', '001.png') == tmp_path / 'LaSOT' / 'zebra-14' / '001.png'
    assert output_path('out', 'bear', '..1.png') == Path('out/bear/..1.png')
    assert output_path('.', 'größe 1', '12:30.png') == Path('größe 1/12:30.png')


@pytest.mark.parametrize(
    ('name', 'says'),
    [
        ('/etc/x', 'is absolute'),
        ('C:/x', 'is absolute'),
        ('c:x', 'is absolute'),
        ('..', r'contains "\.\."'),
        ('a/../../b', r'contains "\.\."'),
        ('', 'is empty'),
        ('.', 'is empty, or'),
        ('a//b', 'is empty, or'),
        ('a/', 'is empty, or'),
        ('a/./b', 'is empty, or'),
        ('..\\x', 'backslash'),
        ('a\0b', r'a\\x00b.*control characters'),
        ('a\nb', 'control characters'),
        ('a\x85b', 'control characters'),
        ('a\ud800', r'a\\ud800.*surrogates'),
        ('a\udce9', 'surrogates'),
        ('ä' * 121, 'longer than 240 bytes'),
        ('x' * 5000, '^.{0,250} of a video .* longer than 240 bytes'),
    ],
)
@pytest.mark.parametrize('names', [lambda bad: (bad, '1.png'), lambda bad: ('bear', bad)])
def test_other_names_are_refused(tmp_path, names, name, says):
    with pytest.raises(AnnotationError, match=says):
        output_path(tmp_path, *names(name))


def test_a_path_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(AnnotationError, match='more than 4000 bytes'):
        output_path(tmp_path, '/'.join(['x' * 200] * 20), '1.png')


@pytest.mark.parametrize('link', ['bear', 'bear/1.png'])
def test_links_in_the_folder_lead_nowhere_else(tmp_path, link):
    out, data = tmp_path / 'out', tmp_path / 'out2'
    (out / 'bear').mkdir(parents=True)
    data.mkdir()
    (data / '1.png').write_text('precious')
    if link == 'bear':
        (out / 'bear').rmdir()
        (out / 'bear').symlink_to(data)
    else:
        (out / 'bear' / '1.png').symlink_to(data / '1.png')
    with pytest.raises(AnnotationError, match=r'leads through a link to .*out2/1\.png, outside .*Remove'):
        output_path(out, 'bear', '1.png')


def test_links_to_the_folder_and_inside_it_are_followed(tmp_path):
    (tmp_path / 'disk' / 'bear').mkdir(parents=True)
    (tmp_path / 'out').symlink_to('disk')
    (tmp_path / 'disk' / 'alias').symlink_to('bear')
    path = output_path(tmp_path / 'out', 'alias', '1.png')
    path.touch()
    assert (tmp_path / 'disk' / 'bear' / '1.png').is_file()


@given(st.lists(st.text(max_size=8) | st.sampled_from(['..', '/', 'a/..', './b', 'c:', '\\']), max_size=3))
def test_no_name_leaves_the_folder(tmp_path_factory, names):
    folder = tmp_path_factory.getbasetemp()
    try:
        path = output_path(folder, *names)
    except AnnotationError:
        return
    assert path.relative_to(folder).parts == tuple(part for name in names for part in name.split('/'))
    assert not os.fspath(path).endswith(('/.', '/..'))
