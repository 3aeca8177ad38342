"""Submissions: what each server gets, and every problem named before anything is written."""

import io
import os
import re
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_data import SHARED, SIZE, make_frames, make_masks, truncate, write_frames

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.submission import Problem, check_submission, make_submission
from vosplug.formats import write_id_mask
from vosplug.formats.palette import davis_palette

REPO = Path(__file__).parents[2]
DAVIS2016 = SHARED / 'data' / 'davis2016'
OSVOS = DAVIS2016 / 'official-results' / 'osvos.zip'
LENGTH = 6


def write_masks(folder: Path, masks: np.ndarray) -> None:
    for t, mask in enumerate(masks):
        write_id_mask(folder / f'{t:05d}.png', mask)


def names_in(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def content(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def wrong(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if not problem.warning]


@pytest.fixture
def davis(tmp_path) -> dict[str, Path]:
    """Two sequences with ids 3 and 7, predicted perfectly, and their frames."""
    for name in ('one', 'two'):
        masks = make_masks(LENGTH)
        write_masks(tmp_path / 'gt' / name, masks)
        write_masks(tmp_path / 'pred' / name, masks)
        write_frames(tmp_path / 'frames' / name, make_frames(masks))
    return dict(pred_dir=tmp_path / 'pred', gt=tmp_path / 'gt')


@pytest.fixture
def ytvos(tmp_path) -> dict[str, Path]:
    """A video of every fifth frame; object 3 is given in frame 0, object 7 in frame 10."""
    frames = [f'{5 * t:05d}' for t in range(4)]
    masks = make_masks(4)
    masks[:2][masks[:2] == 7] = 0
    for frame, mask in zip(frames, masks, strict=True):
        write_id_mask(tmp_path / 'pred' / 'video' / f'{frame}.png', mask)
        (tmp_path / 'frames' / 'video').mkdir(parents=True, exist_ok=True)
        Image.new('RGB', SIZE[::-1]).save(tmp_path / 'frames' / 'video' / f'{frame}.jpg')
    write_id_mask(tmp_path / 'gt' / 'video' / '00000.png', masks[0])
    write_id_mask(tmp_path / 'gt' / 'video' / '00010.png', np.where(masks[2] == 7, 7, 0).astype(np.uint8))
    return {'pred_dir': tmp_path / 'pred', 'gt': tmp_path / 'gt', 'frames': tmp_path / 'frames'}


@pytest.fixture
def tracking(tmp_path) -> dict[str, Path]:
    """A sequence of text boxes and one of masks; only their first boxes are given."""
    masks = make_masks(11, ids=(1,))
    for t, mask in enumerate(masks):
        # as TrackingNet names them: 10 must come after 9
        write_id_mask(tmp_path / 'pred' / 'masks' / f'{t}.png', mask)
    (tmp_path / 'pred' / 'text.txt').write_text(''.join(f'{t}.5,2,3,4\n' for t in range(11)))
    for name in ('masks', 'text'):
        (tmp_path / 'frames' / name).mkdir(parents=True)
        for t in range(11):
            Image.new('RGB', SIZE[::-1]).save(tmp_path / 'frames' / name / f'{t}.jpg')
        (tmp_path / 'gt').mkdir(exist_ok=True)
        (tmp_path / 'gt' / f'{name}.txt').write_text('1,2,30,40\n')
    return {'pred_dir': tmp_path / 'pred', 'gt': tmp_path / 'gt', 'frames': tmp_path / 'frames'}


def write_run(folder: Path, name: str, length: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    regions = ['1', *['m3,4,2,2,1,3'] * (length - 1)]
    (folder / f'{name}.txt').write_text('\n'.join(regions) + '\n')
    (folder / f'{name}_time.value').write_text('0.01\n' * length)


@pytest.fixture
def vot(tmp_path) -> dict[str, Path]:
    """A workspace: a sequence of 8 frames, anchors 0 (forwards) and 5 (backwards)."""
    sequence, results = tmp_path / 'sequences' / 'ball', tmp_path / 'results' / 'ours'
    sequence.mkdir(parents=True)
    (tmp_path / 'sequences' / 'list.txt').write_text('ball\n')
    (sequence / 'groundtruth.txt').write_text('m3,4,2,2,1,3\n' * 8)
    (sequence / 'anchor.value').write_text('\n'.join(['1', '0', '0', '0', '0', '-1', '0', '0']))
    for experiment in ('baseline', 'realtime'):
        write_run(results / experiment / 'ball', 'ball_00000000', 8)
        write_run(results / experiment / 'ball', 'ball_00000005', 6)
    write_run(results / 'unsupervised' / 'ball', 'ball_001', 8)
    (tmp_path / 'trackers.ini').write_text(
        '[ours]\nlabel = Ours\nprotocol = traxpython\ncommand = run 100%\nenv_path = /x\narg_k = 2\n'
    )
    return dict(pred_dir=results, gt=tmp_path / 'sequences')


# what the servers get


def test_davis_wants_folders_of_sequences_at_the_root(davis, tmp_path):
    report = make_submission('davis2017', out=tmp_path / 'new' / 'out.zip', **davis)
    assert names_in(report.out) == [f'{s}/{t:05d}.png' for s in ('one', 'two') for t in range(LENGTH)]
    assert report.problems == [] and report.files == 12 and report.rewritten == 0
    expected = (davis['pred_dir'] / 'two' / '00004.png').read_bytes()
    assert content(report.out, 'two/00004.png') == expected


def test_pngs_are_stored_at_a_fixed_time(davis, tmp_path):
    report = make_submission('davis2017', out=tmp_path / 'out.zip', **davis)
    with zipfile.ZipFile(report.out) as archive:
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr >> 16 == 0o100644


@pytest.mark.parametrize('benchmark', ['davis2017', 'ytvos2019', 'got10k', 'vot2020'])
def test_the_same_results_give_the_same_bytes(benchmark, request, tmp_path, monkeypatch):
    fixtures = {'davis2017': 'davis', 'ytvos2019': 'ytvos', 'got10k': 'tracking', 'vot2020': 'vot'}
    data = request.getfixturevalue(fixtures[benchmark])
    first = make_submission(benchmark, out=tmp_path / 'a.zip', **data).out.read_bytes()
    in_an_hour = time.time() + 3600
    monkeypatch.setattr(time, 'time', lambda: in_an_hour)
    assert make_submission(benchmark, out=tmp_path / 'b.zip', **data).out.read_bytes() == first


def test_grey_ids_become_indexed(davis, tmp_path):
    path = davis['pred_dir'] / 'one' / '00002.png'
    ids = np.array(Image.open(path))
    Image.fromarray(ids).save(path)
    report = make_submission('davis2017', out=tmp_path / 'out.zip', **davis)
    assert report.rewritten == 1 and '1 of them converted to indexed PNGs' in report.summary()
    picture = Image.open(io.BytesIO(content(report.out, 'one/00002.png')))
    assert picture.mode == 'P' and (np.array(picture) == ids).all()
    assert (np.array(picture.getpalette('RGB')).reshape(-1, 3)[:8] == davis_palette()[:8]).all()


@pytest.mark.parametrize('mode', ['L', '1'])
def test_davis2016_takes_black_and_white(davis, tmp_path, mode):
    for path in davis['pred_dir'].rglob('*.png'):
        Image.fromarray((np.array(Image.open(path)) > 0) * np.uint8(255)).convert(mode).save(path)
    report = make_submission('davis2016', out=tmp_path / 'out.zip', **davis)
    assert report.rewritten == 12
    picture = Image.open(io.BytesIO(content(report.out, 'one/00000.png')))
    assert picture.mode == 'P' and np.unique(picture).tolist() == [0, 1]


def test_frames_of_a_test_set_come_from_its_pictures(davis, tmp_path):
    for path in davis['gt'].rglob('0000[1-5].png'):
        path.unlink()
    with pytest.raises(ConfigError, match='only the first mask'):
        check_submission('davis2017', **davis)
    report = make_submission('davis2017', out=tmp_path / 'out.zip', frames=tmp_path / 'frames', **davis)
    assert report.files == 12


@pytest.mark.parametrize('benchmark', ['ytvos2018', 'ytvos2019'])
def test_ytvos_wants_only_the_listed_frames(ytvos, tmp_path, benchmark):
    write_id_mask(ytvos['pred_dir'] / 'video' / '00001.png', np.zeros(SIZE, np.uint8))
    report = make_submission(benchmark, out=tmp_path / 'out.zip', **ytvos)
    assert names_in(report.out) == [f'Annotations/video/{5 * t:05d}.png' for t in range(4)]
    assert [p.path.name for p in report.problems] == ['video'] and report.problems[0].warning
    assert '00001.png' in report.problems[0].what


def test_got10k_wants_boxes_and_times_per_sequence(tracking, tmp_path):
    (tracking['pred_dir'] / 'text_time.txt').write_text('0.25\n' * 11)
    report = make_submission('got10k', out=tmp_path / 'out.zip', **tracking)
    assert names_in(report.out) == [f'{s}/{s}_{k}.txt' for s in ('masks', 'text') for k in ('001', 'time')]
    boxes = np.loadtxt(io.BytesIO(content(report.out, 'text/text_001.txt')), delimiter=',')
    assert boxes.shape == (11, 4) and boxes[0].tolist() == [1, 2, 30, 40] and boxes[10, 0] == 10.5
    assert content(report.out, 'text/text_time.txt') == b'0.25000000\n' * 11
    assert content(report.out, 'masks/masks_time.txt') == b'0.00000000\n' * 11
    [problem] = report.problems
    assert problem.warning and '1 of 2 sequences have no' in problem.what


def test_trackingnet_wants_a_flat_zip(tracking, tmp_path):
    report = make_submission('trackingnet', out=tmp_path / 'out.zip', **tracking)
    assert names_in(report.out) == ['masks.txt', 'text.txt'] and report.problems == []
    boxes = np.loadtxt(io.BytesIO(content(report.out, 'masks.txt')), delimiter=',')
    masks = make_masks(11, ids=(1,))
    for t in (1, 2, 9, 10):
        rows, columns = np.nonzero(masks[t])
        assert boxes[t, :2].tolist() == [columns.min(), rows.min()]
        assert (boxes[t, :2] + boxes[t, 2:]).tolist() == [columns.max() + 1, rows.max() + 1]


def test_all_boxes_given_tell_the_number_of_frames(tracking, tmp_path):
    del tracking['frames']
    with pytest.raises(ConfigError, match='masks.txt: found only the first box'):
        check_submission('trackingnet', **tracking)
    for name in ('masks', 'text'):
        (tracking['gt'] / f'{name}.txt').unlink()
        (tracking['gt'] / name).mkdir()
        (tracking['gt'] / name / 'groundtruth.txt').write_text('1, 2, 30, 40\n' * 11)
    assert make_submission('trackingnet', out=tmp_path / 'out.zip', **tracking).files == 2
    (tracking['pred_dir'] / 'masks' / '10.png').unlink()
    [problem] = check_submission('trackingnet', **tracking)
    assert problem.path.name == 'masks' and 'found 10 masks, expected 11' in problem.what


def test_an_empty_mask_is_an_empty_box(tracking, tmp_path):
    write_id_mask(tracking['pred_dir'] / 'masks' / '3.png', np.zeros(SIZE, np.uint8))
    report = make_submission('trackingnet', out=tmp_path / 'out.zip', **tracking)
    assert content(report.out, 'masks.txt').splitlines()[3] == b'0.000,0.000,0.000,0.000'


def test_vot_wants_what_its_toolkit_packs(vot, tmp_path):
    report = make_submission('vot2020', out=tmp_path / 'out.zip', **vot)
    assert report.problems == []
    runs = [f'{e}/ball/ball_{a}' for e in ('baseline', 'realtime') for a in ('00000000', '00000005')]
    runs.append('unsupervised/ball/ball_001')
    expected = [run + end for run in runs for end in ('.txt', '_time.value')]
    assert names_in(report.out) == sorted([*expected, 'manifest.yml'])
    manifest = pytest.importorskip('yaml').safe_load(content(report.out, 'manifest.yml'))
    assert sorted(manifest) == [
        *('configuration', 'identifier', 'platform', 'python', 'stack', 'timestamp', 'toolkit')
    ]
    assert manifest['identifier'] == 'ours' and manifest['stack'] == 'vot2020/shortterm'
    assert manifest['configuration'] == {
        'command': 'run 100%', 'label': 'Ours', 'protocol': 'traxpython',
        'arguments': {'k': '2'}, 'env': {'PATH': '/x'},
    }  # fmt: skip


def binary_run(length: int) -> bytes:
    """Initialisation, then a rectangle, a mask, a polygon, a point, and rectangles."""
    mask = struct.pack('<BhhHHH2H', 3, 3, 4, 2, 2, 2, 1, 3)
    others = [mask, struct.pack('<BH6f', 2, 3, *range(6)), struct.pack('<Bff', 4, 1, 2)]
    rectangles = [struct.pack('<B4f', 1, 1, 2, 3, 4)] * (length - 1 - len(others))
    return b''.join([struct.pack('<hI', 1, length), struct.pack('<BI', 0, 1), *others, *rectangles])


def test_vot_takes_binary_runs(vot, tmp_path):
    run = vot['pred_dir'] / 'baseline' / 'ball' / 'ball_00000005'
    run.with_suffix('.txt').unlink()
    run.with_suffix('.bin').write_bytes(binary_run(6))
    report = make_submission('vot2020', out=tmp_path / 'out.zip', **vot)
    assert report.problems == []
    assert content(report.out, 'baseline/ball/ball_00000005.bin') == binary_run(6)


def test_vot_baseline_alone_is_a_submission_with_warnings(vot, tmp_path):
    for experiment in ('realtime', 'unsupervised'):
        (vot['pred_dir'] / experiment).rename(tmp_path / experiment)
    (tmp_path / 'trackers.ini').unlink()
    report = make_submission('vot2020', out=tmp_path / 'out.zip', **vot)
    assert [p.path.name for p in report.problems] == ['realtime', 'unsupervised', 'trackers.ini']
    assert report.files == 5


# problems


def save_rgb(path):
    Image.new('RGB', SIZE[::-1], (128, 0, 0)).save(path)


def save_black_rgb(path):
    Image.new('RGB', SIZE[::-1]).save(path)


def save_grey_255(path):
    Image.fromarray((np.array(Image.open(path)) > 0) * np.uint8(255)).save(path)


def save_16_bit(path):
    Image.fromarray(np.array(Image.open(path)).astype(np.uint16)).save(path)


def save_small(path):
    write_id_mask(path, np.zeros((24, 32), np.uint8))


def save_jpeg(path):
    Image.new('L', SIZE[::-1]).save(path, format='JPEG')


def show_id(value):
    def change(path):
        write_id_mask(path, np.full(SIZE, value, np.uint8))

    return change


def rename_to_upper_case(path):
    path.rename(path.with_suffix('.Png'))


MASK_DAMAGES = [
    (Path.unlink, 'frame missing'),
    (rename_to_upper_case, 'frame missing'),
    (save_rgb, 'found RGB'),
    (save_black_rgb, 'found RGB'),
    (save_grey_255, 'grey mask of 0 and 255'),
    (save_16_bit, 'found mode I'),
    (save_small, '32x24.*64x48'),
    (save_jpeg, 'found a JPEG image'),
    (truncate, 'damaged PNG'),
    (show_id(9), r'found ids \[9\], expected only the given objects \[3, 7\]'),
    (show_id(255), 'no object'),
]


@pytest.mark.parametrize('damage, cause', MASK_DAMAGES)
@pytest.mark.parametrize('benchmark', ['davis2017', 'ytvos2019'])
def test_a_wrong_mask_is_named_and_nothing_written(benchmark, request, tmp_path, damage, cause):
    data = request.getfixturevalue('davis' if benchmark == 'davis2017' else 'ytvos')
    path = sorted(data['pred_dir'].rglob('*.png'))[-1]
    damage(path)
    out = tmp_path / 'out.zip'
    report = make_submission(benchmark, out=out, **data)
    [problem] = wrong(report.problems)
    assert problem.path == path
    assert re.search(cause, problem.what)
    assert report.out is None and report.files == 0 and not out.exists()
    assert not list(tmp_path.glob('.out*')) and 'nothing written' in report.summary()


def test_an_old_zip_survives_problems(davis, tmp_path):
    out = tmp_path / 'out.zip'
    out.write_bytes(b'older')
    (davis['pred_dir'] / 'one' / '00000.png').unlink()
    make_submission('davis2017', out=out, **davis)
    assert out.read_bytes() == b'older'


def test_all_problems_are_reported_at_once(davis):
    pred = davis['pred_dir']
    truncate(pred / 'one' / '00001.png')
    save_rgb(pred / 'one' / '00003.png')
    (pred / 'one' / '00005.png').unlink()
    (pred / 'two').rename(pred / 'three')
    (pred / 'one' / 'notes.txt').write_text('')
    (pred / 'one' / '.DS_Store').write_text('')
    problems = check_submission('davis2017', **davis)
    assert [p.path.relative_to(pred).as_posix() for p in wrong(problems)] == [
        *('one/00001.png', 'one/00003.png', 'one/00005.png', 'two')
    ]
    assert 'sequence missing' in wrong(problems)[-1].what
    warnings = {p.path.name: p.what for p in problems if p.warning}
    assert 'three' in warnings['pred'] and '1 files or folders' in warnings['one']
    assert 'notes.txt' in warnings['one']


def test_extra_frames_and_folders_are_left_out(davis, tmp_path):
    write_masks(davis['pred_dir'] / 'three', make_masks())
    write_id_mask(davis['pred_dir'] / 'one' / '00099.png', np.zeros(SIZE, np.uint8))
    report = make_submission('davis2017', out=tmp_path / 'out.zip', **davis)
    assert report.files == 12 and len(report.problems) == 2


def test_the_image_set_decides_which_sequences_count(davis, tmp_path):
    (tmp_path / 'val.txt').write_text('two\n')
    report = make_submission('davis2017', out=tmp_path / 'o.zip', image_set=tmp_path / 'val.txt', **davis)
    assert report.files == LENGTH


def test_davis2016_takes_one_object_only(davis):
    problems = wrong(check_submission('davis2016', **davis))
    assert len(problems) == 12 and 'found ids [3, 7], expected only the given objects [1]' in problems[0].what


def test_an_id_before_its_object_is_given_is_named(ytvos):
    path = ytvos['pred_dir'] / 'video' / '00005.png'
    show_id(7)(path)
    [problem] = check_submission('ytvos2018', **ytvos)
    assert problem.path == path and 'id 7 before its first frame 00010' in problem.what


def test_without_annotations_ids_are_not_checked(ytvos):
    show_id(9)(ytvos['pred_dir'] / 'video' / '00005.png')
    del ytvos['gt']
    [problem] = check_submission('ytvos2018', **ytvos)
    assert problem.warning and 'ids are not checked' in problem.what
    show_id(255)(ytvos['pred_dir'] / 'video' / '00005.png')
    assert len(wrong(check_submission('ytvos2018', **ytvos))) == 1


def test_sizes_are_those_of_the_frames_without_annotations(ytvos):
    save_small(ytvos['pred_dir'] / 'video' / '00005.png')
    del ytvos['gt']
    [problem] = wrong(check_submission('ytvos2018', **ytvos))
    assert '32x24' in problem.what and '64x48' in problem.what


@pytest.mark.parametrize(
    'line, cause',
    [
        ('nan,2,3,4', 'NaN or infinite'),
        ('1,2,inf,4', 'NaN or infinite'),
        ('1,2,-3,4', 'negative size'),
        ('1,2,3', 'is not x,y,w,h'),
        ('1 2 3 4', 'is not x,y,w,h'),
        ('', 'is not x,y,w,h'),
    ],
)
def test_a_wrong_box_is_named(tracking, tmp_path, line, cause):
    path = tracking['pred_dir'] / 'text.txt'
    lines = path.read_text().splitlines()
    lines[4] = line
    path.write_text('\n'.join(lines) + '\n')
    report = make_submission('trackingnet', out=tmp_path / 'out.zip', **tracking)
    [problem] = report.problems
    assert problem.path == path and 'line 5' in problem.what and cause in problem.what
    assert report.out is None


def test_wrong_numbers_of_lines_are_named(tracking):
    path = tracking['pred_dir'] / 'text.txt'
    path.write_text('1,2,3,4\n' * 10)
    (tracking['pred_dir'] / 'text_time.txt').write_text('0.1\n' * 12)
    found = {p.path.name: p.what for p in wrong(check_submission('got10k', **tracking))}
    assert 'found 10 lines, expected 11' in found['text.txt']
    assert 'found 12 lines, expected 11' in found['text_time.txt']


def test_wrong_masks_and_sequences_of_boxes_are_named(tracking):
    pred = tracking['pred_dir']
    write_id_mask(pred / 'masks' / '2.png', make_masks()[0])
    truncate(pred / 'masks' / '4.png')
    (pred / 'masks' / '6.png').unlink()
    save_small(pred / 'masks' / '8.png')
    (pred / 'text.txt').rename(pred / 'texts.txt')
    found = {p.path.name: p.what for p in wrong(check_submission('trackingnet', **tracking))}
    assert list(found) == ['2.png', '4.png', '6.png', '8.png', 'text.txt']
    assert 'found ids [3, 7], expected one object' in found['2.png'] and 'missing' in found['text.txt']
    (pred / 'masks.txt').write_text('')
    assert 'expected one of them' in wrong(check_submission('trackingnet', **tracking))[0].what


def first_line(text):
    def change(path):
        path.write_text('\n'.join([text, *path.read_text().splitlines()[1:]]) + '\n')

    return change


def second_line(text):
    def change(path):
        lines = path.read_text().splitlines()
        path.write_text('\n'.join([lines[0], text, *lines[2:]]) + '\n')

    return change


def to_binary(data):
    def change(path):
        path.unlink()
        path.with_suffix('.bin').write_bytes(data)

    return change


@pytest.mark.parametrize(
    'damage, cause',
    [
        (Path.unlink, 'run missing'),
        (truncate, 'frames, expected|^line [0-9]: expected'),
        (lambda path: path.write_text('1\n0\n'), 'found 2 frames, expected 6'),
        (first_line('1,2,3,4'), 'expected 1, initialisation'),
        (second_line('nan,2,3,4'), '^line 2: expected finite numbers, found .nan'),
        (second_line('1,2,3,-4'), 'frame 1 of the run: negative size'),
        (second_line('m0,0,2,2,9'), '^line 2: .*found 9 pixels'),
        (second_line('1,2,3'), "^line 2: .*found '1,2,3'"),
        (to_binary(binary_run(6)[:-3]), '^binary regions end early'),
        (to_binary(binary_run(5)), 'found 5 frames, expected 6'),
        (to_binary(b'\x02' + binary_run(6)[1:]), '^expected text'),
    ],
)
def test_a_wrong_run_is_named(vot, tmp_path, damage, cause):
    path = vot['pred_dir'] / 'baseline' / 'ball' / 'ball_00000005.txt'
    damage(path)
    report = make_submission('vot2020', out=tmp_path / 'out.zip', **vot)
    problem = wrong(report.problems)[0]
    assert problem.path.stem == path.stem and report.out is None
    assert re.search(cause, problem.what)


def test_missing_parts_of_vot_results_are_named(vot):
    pred = vot['pred_dir']
    (pred / 'realtime' / 'ball' / 'ball_00000000_time.value').write_text('0.1\n')
    (pred / 'unsupervised' / 'ball' / 'ball_001_time.value').unlink()
    (pred / 'baseline').rename(pred / 'basis')
    problems = check_submission('vot2020', **vot)
    assert [p.path.name for p in wrong(problems)] == ['baseline', 'ball_00000000_time.value']
    assert any('have no times' in p.what for p in problems) and any('basis' in p.what for p in problems)


def test_wrong_settings_are_refused(davis, tmp_path):
    absent = tmp_path / 'absent'
    for call, match in [
        (lambda: check_submission('davis2018', **davis), 'davis2018.*expected one of'),
        (lambda: check_submission('davis2017', davis['pred_dir']), 'neither annotations'),
        (lambda: check_submission('davis2017', absent, davis['gt']), f'{absent}: no such folder'),
        (lambda: check_submission('davis2017', davis['pred_dir'], absent), f'{absent}: no such folder'),
        (lambda: check_submission('ytvos2019', **davis), 'no frames given'),
        (lambda: check_submission('vot2020', davis['pred_dir'], frames=davis['gt']), 'no annotations'),
        (lambda: make_submission('davis2017', out=tmp_path / 'out.rar', **davis), 'ends in .zip'),
    ]:
        with pytest.raises(ConfigError, match=match):
            call()


def test_an_incomplete_dataset_is_named(davis, vot, tmp_path):
    (tmp_path / 'set.txt').write_text('one\nfour\n')
    with pytest.raises(AnnotationError, match='four: no masks'):
        check_submission('davis2017', **davis, image_set=tmp_path / 'set.txt')
    (vot['gt'] / 'ball' / 'anchor.value').unlink()
    with pytest.raises(AnnotationError, match='anchor.value: annotation file not found'):
        check_submission('vot2020', **vot)


# the command line


def run_tool(*args) -> subprocess.CompletedProcess:
    command = [sys.executable, str(REPO / 'tools' / 'make_submission.py'), *map(str, args)]
    environment = dict(os.environ, PYTHONPATH=str(REPO))
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_the_command_line_packs_and_says_what_it_did(davis, tmp_path):
    out = tmp_path / 'out.zip'
    done = run_tool('davis2017', davis['pred_dir'], out, '--gt', davis['gt'])
    assert done.returncode == 0, done.stderr
    assert done.stdout == f'{out}: 12 files for davis2017.\n' and len(names_in(out)) == 12


def test_the_command_line_can_only_check(davis, tmp_path):
    done = run_tool('davis2017', davis['pred_dir'], '--gt', davis['gt'], '--check')
    assert done.returncode == 0 and 'nothing written' in done.stdout
    assert not list(tmp_path.rglob('*.zip'))


def test_the_command_line_lists_the_first_problems(davis, tmp_path):
    for sequence in ('a', 'b'):
        write_masks(davis['gt'] / sequence, make_masks(30))
        (davis['pred_dir'] / sequence).mkdir()
    out = tmp_path / 'out.zip'
    done = run_tool('davis2017', davis['pred_dir'], out, '--gt', davis['gt'])
    assert done.returncode == 1 and not out.exists()
    assert done.stderr.startswith('problems: 60\n') and '... and 40 more' in done.stderr
    assert done.stderr.count('frame missing') == 20


def test_the_command_line_refuses_without_a_traceback(davis, tmp_path):
    done = run_tool('davis2018', davis['pred_dir'], '--check', '--gt', davis['gt'])
    assert done.returncode == 1 and done.stderr.startswith('ConfigError: ')
    assert run_tool('davis2017', davis['pred_dir'], '--gt', davis['gt']).returncode == 2


def test_packing_needs_no_torch():
    code = (
        'import sys; import vosplug.evaluation.submission; '
        "sys.exit(', '.join(m for m in ('torch', 'mmengine', 'matplotlib') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not OSVOS.is_file(), reason=f'{OSVOS} is absent; set VOSPLUG_SHARED')
def test_published_osvos_masks_can_be_submitted(tmp_path):
    names = ['car-shadow', 'libby']
    with zipfile.ZipFile(OSVOS) as archive:
        archive.extractall(tmp_path / 'pred', [m for m in archive.namelist() if m.split('/')[0] in names])
    (tmp_path / 'set.txt').write_text('\n'.join(names))
    data = dict(gt=DAVIS2016 / 'Annotations' / '480p', image_set=tmp_path / 'set.txt')
    report = make_submission('davis2016', tmp_path / 'pred', tmp_path / 'out.zip', **data)
    assert report.problems == [] and report.files == report.rewritten == 40 + 49
    # the published masks have mode 1
    picture = Image.open(io.BytesIO(content(report.out, 'libby/00010.png')))
    before = np.array(Image.open(tmp_path / 'pred' / 'libby' / '00010.png'))
    assert picture.mode == 'P' and (np.array(picture) == before).all()
