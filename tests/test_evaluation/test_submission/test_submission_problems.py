"""Submissions: every problem is named before anything is written."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_data import SIZE, make_masks, truncate
from submission_data import LENGTH, binary_run, write_masks, wrong

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.submission import check_submission, make_submission
from vosplug.formats import write_id_mask


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
        (to_binary(bytes.fromhex('010000000000')), 'expected a region per frame, found none'),
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
