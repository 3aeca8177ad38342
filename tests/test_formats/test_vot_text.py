"""Lines and binary records are those vot-toolkit 0.9.0 writes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from vosplug.errors import AnnotationError
from vosplug.formats.vot_sequence import read_vot_sequence, trajectory_name
from vosplug.formats.vot_text import (
    FAILURE,
    INITIALISATION,
    UNKNOWN,
    format_region,
    parse_region,
    read_regions,
    write_regions,
)
from vosplug.structures.vot_raster import rasterise
from vosplug.structures.vot_region import Mask, Point, Polygon, Rectangle, VOTRegion

CORNERS = np.array([[0, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0]], bool)
POINTS = np.array([[0.5, 1], [3, 4], [5, 6.25]])
LINES = {
    'm5,-2,4,3,1,3,4,1,3': Mask(CORNERS, (5, -2)),
    'm0,0,1,1,0,1': Mask(np.ones((1, 1), bool), (0, 0)),
    'm0,0,2,2,4': Mask(np.zeros((2, 2), bool), (0, 0)),
    'm0,0,0,0,0': Mask(np.zeros((0, 0), bool), (0, 0)),
    'm1,1,3,2,0,6': Mask(np.ones((2, 3), bool), (1, 1)),
    '1.0,2.5,3.0,4.25': Rectangle(1, 2.5, 3, 4.25),
    '0.5,1.0,3.0,4.0,5.0,6.25': Polygon(POINTS),
    '1.5,-2.0': Point(1.5, -2),
    '0': UNKNOWN,
    '1': INITIALISATION,
    '2': FAILURE,
}
BINARY = (
    '010004000000'
    '0001000000'
    '010000803f000020400000404000008840'
    '0203000000003f0000803f00004040000080400000a0400000c840'
    '030500feff04000300050001000300040001000300'
)


def same(a: VOTRegion, b: VOTRegion) -> bool:
    if isinstance(a, int) or isinstance(b, int):
        return a == b
    return type(a) is type(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.fixture
def sequence(tmp_path):
    folder = tmp_path / 'ants1'
    (folder / 'color').mkdir(parents=True)
    (folder / 'sequence').write_text('fps=30\nname=other\nwidth=40\nheight = 30\nlength=3\n')
    (folder / 'groundtruth.txt').write_text('m5,4,2,2,0,4\nm6,4,2,2,0,4\n0\n')
    (folder / 'anchor.value').write_text('1\n0\n-1\n')
    return folder


@pytest.mark.parametrize('line', LINES)
def test_lines_equal_the_toolkit(line):
    assert format_region(LINES[line]) == line
    assert same(parse_region(f' {line}\n'), LINES[line])


def test_runs_may_leave_out_the_last_zeros_or_be_split():
    assert same(parse_region('m5,-2,4,3,1,3,4,1'), Mask(CORNERS, (5, -2)))
    assert same(parse_region('m1,1,3,2,0,4,0,2'), LINES['m1,1,3,2,0,6'])


def test_a_region_without_all_numbers_is_unknown():
    assert parse_region('nan,nan,nan,nan') == UNKNOWN
    assert parse_region('1,2,3,NaN,5,6') == UNKNOWN


masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=9))
offsets = st.tuples(st.integers(-50, 50), st.integers(-50, 50))
number = st.floats(-1e6, 1e6)
points = arrays(float, st.tuples(st.integers(3, 7), st.just(2)), elements=number)
regions = (
    st.builds(Mask, masks, offsets)
    | st.builds(Rectangle, number, number, number, number)
    | st.builds(Polygon, points)
    | st.builds(Point, number, number)
    | st.sampled_from([UNKNOWN, INITIALISATION, FAILURE])
)


@given(regions)
def test_what_is_written_is_read(region):
    assert same(parse_region(format_region(region)), region)


@pytest.mark.parametrize(
    'text, message',
    [
        ('', "found ''"),
        ('x', "a VOT region.*'x'"),
        ('m1,2,3', "'m1,2,3'"),
        ('m0,0,2,2,1.5', 'm0,0,2,2,1.5'),
        ('m0,0,2,2,1,4', 'at most 2 x 2 pixels.*found 5'),
        ('m0,0,2,2,3,-1', 'none of them negative'),
        ('1,2,3,4,5', "x, y of 3 or more points, found '1,2,3,4,5'"),
        ('1,2,3,inf', 'inf'),
        ('7', r'special code.*found .*7'),
        ('nan', r'special code.*found .*nan'),
        ('1,' * 50, r'1\.\.\.'),
    ],
)
def test_a_line_that_is_no_region_is_shown(text, message):
    with pytest.raises(AnnotationError, match=message):
        parse_region(text)


def test_what_is_no_region_is_not_written():
    with pytest.raises(AnnotationError, match='found 3'):
        format_region(3)
    with pytest.raises(AnnotationError, match='special code'):
        format_region(None)
    with pytest.raises(AnnotationError, match=r'\(4,\)'):
        format_region(Mask(np.ones(4, bool), (0, 0)))


def test_files_of_regions(tmp_path):
    path = tmp_path / 'baseline' / 'ants1' / trajectory_name('ants1', 50)
    assert path.name == 'ants1_00000050.txt'
    lines = {line: region for line, region in LINES.items() if line != 'm0,0,1,1,0,1'}
    write_regions(path, lines.values())
    assert path.read_text().splitlines() == list(lines)
    assert all(same(a, b) for a, b in zip(read_regions(path), lines.values(), strict=True))
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_toolkit_sees_all_pixels_of_a_mask_in_one_column(tmp_path):
    """Its ``Mask._optimize`` takes pixels in the first column alone for none, in text but not in binary."""
    path, column = tmp_path / 'run.txt', Mask(np.array([[True], [False], [True]]), (0, 4))
    write_regions(path, [column])
    assert path.read_text() == 'm-1,4,2,3,1,1,3,1\n'
    padded = Mask(np.array([[False, True], [False, False], [False, True]]), (-1, 4))
    assert same(read_regions(path)[0], padded)
    assert np.array_equal(rasterise(padded, (0, 0, 9, 9)), rasterise(column, (0, 0, 9, 9)))
    path.write_text('m0,4,1,3,0,1,1,1\nm3,4,2,2,0,1,1,1,1\nm3,4,2,1,0,2\n')
    first, second, third = read_regions(path)
    assert first.mask.size == second.mask.size == 0 and third.mask.tolist() == [[True, True]]


def test_binary_results(tmp_path):
    path = tmp_path / 'ants1_00000000.bin'
    path.write_bytes(bytes.fromhex(BINARY))
    expected = [INITIALISATION, *(LINES[line] for line in list(LINES)[5:7]), Mask(CORNERS, (5, -2))]
    assert all(same(a, b) for a, b in zip(read_regions(path), expected, strict=True))
    path.write_bytes(bytes.fromhex('0100010000000300000000040104010400000001fe00000f0a'))
    assert same(read_regions(path)[0], Mask(np.ones((260, 260), bool), (0, 0)))


@pytest.mark.parametrize(
    'data, message',
    [
        (bytes.fromhex(BINARY)[:-1], r'a\.bin: binary regions end early'),
        (bytes.fromhex('01000100000005'), r'a\.bin: expected regions of kind 0 to 4, found 5'),
        (bytes.fromhex('0100010000000202000000'), r'a\.bin: expected a polygon of 3 or more points, found 2'),
        (
            bytes.fromhex('0100010000000400000000' + '0000807f'),
            r'a\.bin: expected finite numbers, found .*inf',
        ),
        (bytes.fromhex('0100010000000009000000'), r'a\.bin: .*special code.*found 9'),
        (b'', 'found an empty file'),
        (bytes.fromhex('010000000000'), r'a\.bin: expected a region per frame, found none'),
        (b'1\n1,2,3\n', r'a\.bin, line 2: expected x, y of a point'),
        (b'\xff\xfe', r'a\.bin: expected text'),
    ],
)
def test_a_damaged_file_is_named(tmp_path, data, message):
    path = tmp_path / 'a.bin'
    path.write_bytes(data)
    with pytest.raises(AnnotationError, match=message):
        read_regions(path)


@pytest.mark.parametrize('binary', [False, True])
def test_text_and_binary_regions_agree_on_points_and_nan(tmp_path, binary):
    text = b'1\n1,2\nnan,2,3,4\n'
    data = bytes.fromhex('010003000000' + '0001000000' + '040000803f00000040' + '010000c07f')
    data += np.array([2, 3, 4], '<f4').tobytes()
    (tmp_path / 'run').write_bytes(data if binary else text)
    assert read_regions(tmp_path / 'run') == [INITIALISATION, Point(1, 2), UNKNOWN]
    with pytest.raises(AnnotationError, match='run.*: expected finite numbers, found .nan, 2'):
        read_regions(tmp_path / 'run', finite=True)


def test_a_sequence(sequence):
    found = read_vot_sequence(sequence)
    assert found.name == 'ants1' and found.size == (40, 30)
    assert [getattr(r, 'offset', r) for r in found.regions] == [(5, 4), (6, 4), UNKNOWN]
    assert found.anchors.tolist() == [1, 0, -1]


@pytest.mark.parametrize('channel', ['', 'channels.color=color', 'channels.color=color\\%08d.jpg'])
def test_the_first_picture_has_the_size(sequence, channel):
    (sequence / 'sequence').write_text(f'fps=30\n{channel}\n')
    with pytest.raises(AnnotationError, match=r'sequence: expected width and height.*%08d\.jpg'):
        read_vot_sequence(sequence)
    Image.new('RGB', (64, 48)).save(sequence / 'color' / '00000001.jpg')
    assert read_vot_sequence(sequence).size == (64, 48)


def test_frames_after_the_last_anchor_line_have_none(sequence):
    (sequence / 'anchor.value').write_text('2.0\n')
    assert read_vot_sequence(sequence).anchors.tolist() == [1, 0, 0]
    (sequence / 'anchor.value').write_text('\n-1\n')
    assert read_vot_sequence(sequence).anchors.tolist() == [0, -1, 0]


@pytest.mark.parametrize(
    'file, text, message',
    [
        ('sequence', None, 'annotation file not found'),
        ('sequence', 'width=4\nheight=3\nlength=4\n', r'groundtruth\.txt: expected 4 regions.*found 3'),
        ('groundtruth.txt', None, r'groundtruth\.txt: annotation file not found'),
        ('anchor.value', None, r'anchor\.value: annotation file not found'),
        ('anchor.value', '1\n0\n0\n1\n', 'at most 3 lines, found 4'),
        ('anchor.value', '1\nx\n0\n', 'a number per line'),
    ],
)
def test_damage_to_a_sequence_is_named(sequence: Path, file, text, message):
    (sequence / file).unlink() if text is None else (sequence / file).write_text(text)
    with pytest.raises(AnnotationError, match=message):
        read_vot_sequence(sequence)
