"""Every video has a folder of its own, or nothing is done."""

from dataclasses import replace
from pathlib import Path

import pytest
from mmengine.logging import MMLogger
from small_factory import box_factory, write_four_videos

from vosplug.errors import AnnotationError
from vosplug.pseudo_labels import video_names


@pytest.mark.parametrize(
    ('names', 'message'),
    [
        (('a', 'a/b'), "'a' and 'a/b'"),
        (('x/y/z', 'x'), "'x' and 'x/y/z'"),
        (('v', './v'), 'has an empty or "." part'),
        (('v', 'v//w'), 'has an empty or "." part'),
        (('v', 'w/'), 'has an empty or "." part'),
        (('v', '../w'), r'contains "\.\."'),
        (('v', '/w'), 'is absolute'),
        (('v', ''), 'is empty'),
        (('v', 'a\\b'), 'backslash'),
        (('v', 'v'), "'v' is listed twice"),
    ],
)
def test_names_of_one_folder_are_refused_before_any_work(tmp_path, names, message):
    factory, videos = box_factory(write_four_videos(tmp_path))
    videos = [replace(video, name=name) for video, name in zip(videos, names, strict=False)]
    with pytest.raises(AnnotationError, match=message):
        factory.make_all(videos)
    with pytest.raises(AnnotationError, match=message):
        factory.finalize(videos)
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
    'names', [('Bear', 'bear'), ('cats/a', 'Cats/b'), ('\u00e9', 'e\u0301'), ('STRASSE', 'straße')]
)
def test_names_that_differ_in_case_depend_on_the_file_system(tmp_path, names, caplog, monkeypatch):
    monkeypatch.setattr(MMLogger.get_current_instance(), 'handlers', [caplog.handler])
    video_names.check_video_names(names, tmp_path)
    assert 'differ only in case' in caplog.text
    monkeypatch.setattr(video_names, '_ignores_case', lambda folder: True)
    with pytest.raises(AnnotationError, match='differ only in case'):
        video_names.check_video_names(names, tmp_path)


def test_the_file_system_is_asked_and_left_as_it_was(tmp_path):
    (tmp_path / 'Case').touch()
    expected = (tmp_path / 'cASE').exists()
    assert video_names._ignores_case(tmp_path / 'not' / 'there') == expected
    assert [path.name for path in tmp_path.iterdir()] == ['Case']


def test_ordinary_names_pass_without_a_word(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(MMLogger.get_current_instance(), 'handlers', [caplog.handler])
    names = ['a/b', 'a/c', 'ab', 'b', 'c d', 'zebra-14', 'Ünï/1']
    video_names.check_video_names(names, tmp_path)
    assert caplog.text == ''


@pytest.mark.parametrize('frame', ['../../evil', 'a/b', '/tmp/evil', '', '..', 'nul\0'])
def test_names_of_frames_stay_in_their_video(tmp_path, frame):
    factory, videos = box_factory(write_four_videos(tmp_path))
    video = videos[0]
    path = Path(video.frames[0])
    files = {frame: video.files[path.name]}
    tracks = {i: replace(t, boxes={frame: t.boxes[path.name]}) for i, t in video.tracks.items()}
    with pytest.raises(AnnotationError):
        factory.make_all([replace(video, frames=[frame], files=files, tracks=tracks)])
    assert not list(tmp_path.rglob('*evil*'))
