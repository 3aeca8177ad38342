from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vosplug.errors import AnnotationError, ConfigError
from vosplug.formats.box_text import read_box_sequences, read_boxes, write_boxes


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def got10k(tmp_path):
    write(tmp_path / 'list.txt', 'GOT-10k_Val_000001\nGOT-10k_Val_000002\n')
    for i in (1, 2):
        folder = tmp_path / f'GOT-10k_Val_00000{i}'
        write(folder / 'groundtruth.txt', '1.0000,2.0000,30.5000,40.0000\n2,3,30,40\n3,4,30,40\n')
        write(folder / 'cover.label', '8\n0\n5\n')
        write(folder / 'absence.label', '0\n0\n1\n')
        write(
            folder / 'meta_info.ini', '[METAINFO]\nanno_fps: 10Hz\nmotion: slow\nresolution: (1920, 1080)\n'
        )
    return tmp_path


@pytest.fixture
def lasot(tmp_path):
    for folder in (tmp_path / 'cat' / 'cat-2', tmp_path / 'sepia-11'):
        write(folder / 'groundtruth.txt', '1,2,3,4\n5,6,7,8\n0,0,0,0\n9,9,9,9\n')
        write(folder / 'full_occlusion.txt', '0,1,0,0')
        write(folder / 'out_of_view.txt', '0,0,1,0\n')
    return tmp_path


def test_separators_may_differ_from_line_to_line(tmp_path):
    path = write(tmp_path / 'a.txt', '1,2,3,4\r\n5\t6\t7\t8\n 9 , 10,11 12.5\n-1  -2\t3e1,nan\n\n\n')
    assert read_boxes(path, 4) == pytest.approx(
        np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12.5], [-1, -2, 30, np.nan]]), nan_ok=True
    )


def test_a_polygon_gives_the_box_around_it(tmp_path):
    path = write(tmp_path / 'a.txt', '5,1,9,4,6,8,2.5,5\n')
    assert read_boxes(path).tolist() == [[2.5, 1, 6.5, 7]]


@given(
    arrays(float, st.tuples(st.integers(1, 5), st.just(4)), elements=st.floats(-1e6, 1e6) | st.just(np.nan))
)
@settings(max_examples=50)
def test_what_is_written_is_read(tmp_path_factory, boxes):
    path = tmp_path_factory.mktemp('boxes') / 'run' / 'a.txt'
    write_boxes(path, boxes)
    assert read_boxes(path, len(boxes)) == pytest.approx(boxes, rel=0, abs=5.1e-4, nan_ok=True)
    assert [p.name for p in path.parent.iterdir()] == ['a.txt']


def test_decimals_are_those_asked_for(tmp_path):
    write_boxes(tmp_path / 'a.txt', np.array([[1, 2.345, np.nan, 40]]), decimals=1)
    assert (tmp_path / 'a.txt').read_text() == '1.0,2.3,nan,40.0\n'


@pytest.mark.parametrize(
    'text, message',
    [
        ('1,2,3,4\n1,2,3\n', r"a\.txt, line 2: expected 4 numbers.*'1,2,3'"),
        ('1,2,3,4\n\n1,2,3,4\n', 'line 2'),
        ('1,,3,4', "'1,,3,4'"),
        ('x,y,w,h', "'x,y,w,h'"),
        ('1,2,inf,4', 'inf'),
        ('', 'found 0'),
        ('1,2,3,4', 'expected 2 boxes, one per line, found 1'),
    ],
)
def test_a_damaged_file_is_named(tmp_path, text, message):
    with pytest.raises(AnnotationError, match=message):
        read_boxes(write(tmp_path / 'a.txt', text), 2 if 'expected 2' in message else None)


def test_files_that_are_missing_or_no_text_are_named(tmp_path):
    with pytest.raises(AnnotationError, match=r'none\.txt: annotation file not found'):
        read_boxes(tmp_path / 'none.txt')
    (tmp_path / 'a.txt').write_bytes(b'\x89PNG\xff')
    with pytest.raises(AnnotationError, match=r'a\.txt: expected text'):
        read_boxes(tmp_path / 'a.txt')


def test_boxes_that_cannot_be_read_back_are_not_written(tmp_path):
    for boxes in (np.zeros(4), np.zeros((2, 5)), np.full((1, 4), np.inf)):
        with pytest.raises(AnnotationError, match=r'a\.txt: expected finite or NaN'):
            write_boxes(tmp_path / 'a.txt', boxes)
    assert not list(tmp_path.iterdir())


def test_got10k(got10k):
    tracks = read_box_sequences('got10k', got10k)
    assert [t.name for t in tracks] == ['GOT-10k_Val_000001', 'GOT-10k_Val_000002']
    assert tracks[0].boxes[:, 2].tolist() == [30.5, 30, 30]
    assert tracks[0].cover.tolist() == [8, 0, 5]
    assert tracks[0].visible.tolist() == [True, False, False]
    assert tracks[0].size == (1920, 1080)


def test_got10k_test_sequences_have_a_box_and_no_labels(got10k):
    write(got10k / 'GOT-10k_Test_000001' / 'groundtruth.txt', '347.0000,443.0000,429.0000,272.0000')
    (track,) = read_box_sequences('got10k', got10k, ['GOT-10k_Test_000001'])
    assert track.boxes.shape == (1, 4) and track.visible.tolist() == [True]
    assert track.cover is None and track.size is None


def test_lasot_in_folders_of_classes_or_without(lasot):
    tracks = read_box_sequences('lasot', lasot)
    assert [t.name for t in tracks] == ['cat-2', 'sepia-11']
    for track in tracks:
        assert track.boxes[1].tolist() == [5, 6, 7, 8]
        assert track.visible.tolist() == [True, False, False, True]
        assert track.cover is None and track.size is None
    assert [t.name for t in read_box_sequences('lasot', lasot, ['sepia-11'])] == ['sepia-11']


def test_trackingnet(tmp_path):
    write(tmp_path / 'anno' / 'b_1.txt', '1,2,3,4\n2,2,3,4\n')
    write(tmp_path / 'anno' / 'a_0.txt', '5,6,7,8')
    tracks = read_box_sequences('trackingnet', tmp_path)
    assert [(t.name, t.boxes.shape, t.visible.tolist()) for t in tracks] == [
        ('a_0', (1, 4), [True]),
        ('b_1', (2, 4), [True, True]),
    ]


@pytest.mark.parametrize(
    'file, text, message',
    [
        ('cover.label', '8\n0\n', r'cover\.label: expected 3 labels 0\.\.8.*found 2\.'),
        ('cover.label', '8\n9\n1\n', "with '9'"),
        ('absence.label', '0\n2\n0\n', "absence.label.*with '2'"),
        ('absence.label', None, r'absence\.label: annotation file not found'),
        ('meta_info.ini', '[METAINFO]\n', 'meta_info.ini: expected a line like'),
        ('groundtruth.txt', '1,2,3,4\n', r'cover\.label: expected 1 labels'),
    ],
)
def test_damage_to_got10k_is_named(got10k, file, text, message):
    path = got10k / 'GOT-10k_Val_000002' / file
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(AnnotationError, match=f'000002/.*{message}' if '/' not in message else message):
        read_box_sequences('got10k', got10k)


def test_a_wrong_benchmark_or_folder_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"'otb'.*got10k.*lasot.*trackingnet"):
        read_box_sequences('otb', tmp_path)
    for benchmark in ('lasot', 'trackingnet'):
        with pytest.raises(AnnotationError, match=f'no sequence of {benchmark}'):
            read_box_sequences(benchmark, tmp_path)
    with pytest.raises(AnnotationError, match=r'list\.txt'):
        read_box_sequences('got10k', tmp_path)
    with pytest.raises(AnnotationError, match=r'cat-9.groundtruth\.txt'):
        read_box_sequences('lasot', tmp_path, ['cat-9'])
