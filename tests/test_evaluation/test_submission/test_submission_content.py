"""Submissions: what each server gets."""

import io
import time
import zipfile

import numpy as np
import pytest
from PIL import Image
from small_data import SIZE, make_masks
from submission_data import LENGTH, binary_run, content, names_in

from vosplug.errors import ConfigError
from vosplug.evaluation.submission import check_submission, make_submission
from vosplug.formats import write_id_mask
from vosplug.formats.palette import davis_palette


def test_davis_wants_folders_of_sequences_at_the_root(davis, tmp_path):
    report = make_submission('davis2017', out=tmp_path / 'new' / 'out.zip', **davis)
    assert names_in(report.out) == [f'{s}/{t:05d}.png' for s in ('one', 'two') for t in range(LENGTH)]
    assert report.problems == [] and report.files == 12 and report.rewritten == 0
    expected = (davis['pred_dir'] / 'two' / '00004.png').read_bytes()
    assert content(report.out, 'two/00004.png') == expected


def test_sequences_in_folders_keep_them(davis, tmp_path):
    for root in davis.values():
        (root / 'a').mkdir()
        (root / 'b').mkdir()
        (root / 'one').rename(root / 'a' / 'clip')
        (root / 'two').rename(root / 'b' / 'clip')
    image_set = tmp_path / 'set.txt'
    image_set.write_text('a/clip\nb/clip\n')
    report = make_submission('davis2017', out=tmp_path / 'out.zip', image_set=image_set, **davis)
    assert names_in(report.out) == [f'{s}/clip/{t:05d}.png' for s in 'ab' for t in range(LENGTH)]
    assert report.problems == []


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
