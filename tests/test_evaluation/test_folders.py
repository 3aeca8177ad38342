"""Scores of folders: parity, workers, what is written, and every broken input."""

import csv
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_data import SHARED, make_masks, truncate

import vosplug.evaluation.mask_folders as mask_folders
from vosplug.cli import main
from vosplug.errors import AnnotationError, ConfigError, VOSError
from vosplug.evaluation import VOSMetric, evaluate_folders, evaluate_stream
from vosplug.evaluation.protocols import build_protocol
from vosplug.formats import read_id_mask, write_id_mask
from vosplug.structures import ArrayAnnotation, ArraySource, FrameResult, Prompts, VideoSample, image_file

REPO = Path(__file__).parents[2]
GOLDENS = REPO / 'tests' / 'data' / 'goldens'
OFFICIAL = json.loads((GOLDENS / 'davis_folder_small.json').read_text())['results']
COMPAT = dict(type='davis2017', compat='davis2017-evaluation')
LONG = {'M': 'Mean', 'R': 'Recall', 'D': 'Decay'}
DAVIS2016 = SHARED / 'data' / 'davis2016'
OSVOS = DAVIS2016 / 'official-results'


def write_sequences(root: Path, sequences: dict[str, np.ndarray]) -> Path:
    for name, masks in sequences.items():
        for t, mask in enumerate(masks):
            write_id_mask(root / name / f'{t:05d}.png', mask)
    return root


def golden_arrays() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    arrays = np.load(GOLDENS / 'davis_folder_small.npz')
    return {name: (arrays[f'{name}_gt'], arrays[f'{name}_pr']) for name in ('alpha', 'bravo', 'charlie')}


@pytest.fixture(scope='module')
def golden(tmp_path_factory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp('golden')
    pairs = golden_arrays()
    return (
        write_sequences(root / 'gt', {name: gt for name, (gt, _) in pairs.items()}),
        write_sequences(root / 'pred', {name: pred for name, (_, pred) in pairs.items()}),
    )


@pytest.fixture
def small(tmp_path) -> tuple[Path, Path]:
    """Two sequences of 6 frames; the prediction of each is its ground truth one frame late."""
    masks = {'one': make_masks(), 'two': make_masks(ids=(1,))}
    late = {name: np.concatenate([m[:1], m[:-1]]) for name, m in masks.items()}
    return write_sequences(tmp_path / 'gt', masks), write_sequences(tmp_path / 'pred', late)


def official_objects(name: str) -> dict[int, dict[str, float]]:
    found = OFFICIAL['davis_semi_each'][name]['per_object']
    return {
        int(key.rsplit('_', 1)[1]): {f'{k[0]}-{LONG[k[2]]}': v for k, v in scores.items()}
        for key, scores in found.items()
    }


def test_compat_equals_the_official_numbers(golden):
    scores = evaluate_folders(COMPAT, *golden)
    assert scores.overall == pytest.approx(OFFICIAL['davis_semi']['global_'], rel=0, abs=1e-9)
    for name in ('alpha', 'bravo', 'charlie'):
        assert scores.per_object[name].keys() == official_objects(name).keys()
        for i, expected in official_objects(name).items():
            assert scores.per_object[name][i] == pytest.approx(expected, rel=0, abs=1e-9)


def test_default_equals_the_official_numbers_where_there_is_no_void(golden):
    scores = evaluate_folders('davis2017', *golden)
    for name in ('alpha', 'charlie'):
        for i, expected in official_objects(name).items():
            assert scores.per_object[name][i] == pytest.approx(expected, rel=0, abs=1e-9)


@pytest.mark.parametrize('protocol', ['davis2016', 'davis2017', COMPAT])
def test_same_as_the_metric_on_arrays(golden, protocol):
    pairs = golden_arrays()
    videos = [
        VideoSample(
            name,
            ArraySource([np.zeros((*gt.shape[1:], 3), np.uint8)] * len(gt)),
            Prompts.from_id_mask(gt[0]),
            ArrayAnnotation(gt),
            list(range(len(gt))),
        )
        for name, (gt, _) in pairs.items()
    ]

    def predicted(video):
        for t, mask in enumerate(pairs[video.name][1]):
            yield FrameResult(t, f'{t:05d}', mask, {})

    metric = VOSMetric(protocol)
    expected = evaluate_stream(metric, videos, predicted)
    scores = evaluate_folders(protocol, *golden)
    assert scores.overall == expected
    assert scores.per_object == metric.scores.per_object


@pytest.mark.parametrize('workers', [1, 2, 5])
def test_workers_give_the_same_numbers(golden, workers):
    alone, shared = (evaluate_folders(COMPAT, *golden, num_workers=n) for n in (0, workers))
    assert shared.report() | {'speed': None} == alone.report() | {'speed': None}
    assert shared.frame_report() == alone.frame_report()
    assert list(shared.per_object) == ['alpha', 'bravo', 'charlie']


@pytest.mark.slow
def test_workers_may_be_spawned(golden):
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method('spawn', force=True)
    try:
        scores = evaluate_folders('davis2017', *golden, num_workers=2)
    finally:
        multiprocessing.set_start_method(before, force=True)
    assert scores.overall == evaluate_folders('davis2017', *golden).overall


def test_each_file_is_decoded_once(small, monkeypatch):
    opened = []
    read = image_file.open_regular
    monkeypatch.setattr(image_file, 'open_regular', lambda path, *a: opened.append(path) or read(path, *a))
    for protocol in ('davis2016', COMPAT):
        opened.clear()
        evaluate_folders(protocol, *small)
        # 6 frames: the first and the last are not scored; the first names the objects
        assert len(opened) == len(set(opened)) == 2 * (4 + 1 + 4)


@pytest.mark.parametrize('protocol', ['davis2017', 'vos_benchmark', 'ytvos2018'])
def test_memory_does_not_grow_with_length(tmp_path, protocol):
    mask = np.kron(make_masks(1)[0], np.ones((10, 10), np.uint8))
    meta = tmp_path / 'meta.json'
    meta.write_text(json.dumps({'videos': {'clip': {'objects': {i: {'category': 'cat'} for i in (3, 7)}}}}))
    rules = dict(type=protocol, meta=str(meta)) if protocol == 'ytvos2018' else protocol
    peaks = []
    for length in (5, 5, 25):  # the first one pays for caches
        root = write_sequences(tmp_path / f'{len(peaks)}', {'clip': [mask] * length})
        tracemalloc.start()
        evaluate_folders(rules, root, root)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] - peaks[1] < mask.nbytes / 2


@pytest.mark.skipif(not OSVOS.is_dir(), reason=f'{OSVOS} is absent; set VOSPLUG_SHARED')
def test_osvos_scores_its_published_frames(tmp_path):
    names = ['libby', 'car-shadow']
    published = json.loads((OSVOS / 'osvos_davis.json').read_text())
    with zipfile.ZipFile(OSVOS / 'osvos.zip') as archive:
        archive.extractall(tmp_path, [m for m in archive.namelist() if m.split('/')[0] in names])
    image_set = tmp_path / 'val.txt'
    image_set.write_text('\n'.join(f'/JPEGImages/480p/{n}/00000.jpg x.png' for n in names for _ in '12'))
    scores = evaluate_folders('davis2016', DAVIS2016 / 'Annotations' / '480p', tmp_path, image_set, 2)
    assert list(scores.per_frame) == names
    for name in names:
        for measure in ('J', 'F'):
            expected = np.array(published[name][measure], float)
            assert scores.per_frame[name][1][measure] == pytest.approx(expected, rel=0, abs=0.0005 + 1e-9)


def test_grey_masks_of_0_and_255_show_object_1(tmp_path):
    for t, mask in enumerate(make_masks(ids=(1,))):
        for folder in ('gt', 'pred'):
            path = tmp_path / folder / 'clip' / f'{t:05d}.png'
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask * 255).save(path)
    for protocol in ('davis2016', 'davis2017'):
        scores = evaluate_folders(protocol, tmp_path / 'gt', tmp_path / 'pred')
        assert scores.per_object['clip'][1]['J-Mean'] == 1


def test_unscored_frames_and_other_files_do_not_matter(small):
    gt, pred = small
    expected = evaluate_folders('davis2017', gt, pred)
    for path in (pred / 'one' / '00000.png', pred / 'one' / '00005.png'):
        path.unlink()
    (pred / 'other').mkdir()
    (pred / 'one' / 'notes.txt').write_text('')
    (gt / 'one' / '._00000.png').write_bytes(b'')
    assert evaluate_folders('davis2017', gt, pred).per_frame == expected.per_frame


def test_reports_progress_and_per_frame_scores(small):
    calls = []
    scores = evaluate_folders('davis2017', *small, on_sequence=lambda *call: calls.append(call))
    assert calls == [(1, 2), (2, 2)]
    frames = scores.frame_report()['one']['7']
    assert frames['frames'] == ['00001', '00002', '00003', '00004']
    assert np.mean(frames['J']) == pytest.approx(scores.per_object['one'][7]['J-Mean'])
    assert len(frames['F']) == 4 and scores.speed['frames'] == 8


def drop_frame(path):
    path.unlink()


def make_rgb(path):
    Image.fromarray(np.full((48, 64, 3), (128, 0, 0), np.uint8)).save(path)


def make_float(path):
    Image.fromarray(np.zeros((48, 64), np.float32)).save(path.with_suffix('.tiff'))
    path.with_suffix('.tiff').rename(path)


def make_small(path):
    write_id_mask(path, np.zeros((24, 32), np.uint8))


@pytest.mark.parametrize('workers', [0, 2])
@pytest.mark.parametrize(
    'damage, cause',
    [
        (truncate, 'damaged PNG'),
        (make_rgb, 'found RGB'),
        (make_float, 'found mode F'),
        (make_small, '32x24.*64x48'),
        (drop_frame, r'not found \(1 of 4'),
    ],
)
def test_a_bad_prediction_is_named(small, damage, cause, workers):
    path = small[1] / 'two' / '00003.png'
    damage(path)
    with pytest.raises(AnnotationError, match=f'(?s)^{path}: .*{cause}'):
        evaluate_folders('davis2017', *small, num_workers=workers)


@pytest.mark.parametrize(
    'damage, cause', [(truncate, 'damaged PNG'), (make_rgb, 'found RGB'), (make_float, 'found mode F')]
)
def test_a_bad_ground_truth_is_named(small, damage, cause):
    path = small[0] / 'two' / '00003.png'
    damage(path)
    with pytest.raises(AnnotationError, match=f'^{path}: .*{cause}'):
        evaluate_folders('davis2017', *small)


def test_an_unknown_id_is_an_error_only_in_compat(small):
    path = small[1] / 'two' / '00003.png'
    write_id_mask(path, np.full((48, 64), 9, np.uint8))
    evaluate_folders('davis2017', *small)
    with pytest.raises(AnnotationError, match=f'^{path}: .*predicted id 9'):
        evaluate_folders(COMPAT, *small)


def test_a_first_frame_without_objects_is_named(small):
    path = small[0] / 'two' / '00000.png'
    write_id_mask(path, np.zeros((48, 64), np.uint8))
    with pytest.raises(AnnotationError, match=f'^{path}: no object'):
        evaluate_folders('davis2017', *small)


@pytest.mark.parametrize('which', [0, 1])
def test_a_missing_sequence_is_named_before_anything_is_scored(small, which, monkeypatch):
    monkeypatch.setattr(mask_folders, 'score_sequence', None)
    (small[which] / 'two').rename(small[which] / 'three')
    names = small[0].parent / 'set.txt'
    names.write_text('one\ntwo\n')
    with pytest.raises(AnnotationError, match=f'^{small[which] / "two"}: .*1 of 2'):
        evaluate_folders('davis2017', *small, image_set=names)


def test_missing_folders_and_lists_are_named(small, tmp_path):
    absent, empty = tmp_path / 'absent', tmp_path / 'empty'
    empty.mkdir()
    (tmp_path / 'blank.txt').write_text('\n')
    for gt, pred, image_set, match in [
        (absent, small[1], None, f'{absent}: no such folder of ground truth'),
        (small[0], absent, None, f'{absent}: no such folder of predictions'),
        (empty, small[1], None, f'{empty}: no sequence'),
        (*small, absent, f'{absent}: image set not found'),
        (*small, tmp_path / 'blank.txt', 'blank.txt: image set is empty'),
    ]:
        with pytest.raises(AnnotationError, match=match):
            evaluate_folders('davis2017', gt, pred, image_set)
    (small[0] / 'zero').mkdir()
    (small[1] / 'zero').mkdir()
    with pytest.raises(AnnotationError, match='zero: no ground-truth masks'):
        evaluate_folders('davis2017', *small)


def test_unknown_settings_are_refused(small):
    with pytest.raises(ConfigError, match='protocol'):
        evaluate_folders('davis2018', *small)
    with pytest.raises(ConfigError, match='compat'):
        evaluate_folders(dict(type='davis2017', compat='other'), *small)
    with pytest.raises(ConfigError, match='num_workers'):
        evaluate_folders('davis2017', *small, num_workers=-1)


def die(*args):
    os._exit(1)


@pytest.mark.skipif(
    multiprocessing.get_all_start_methods()[0] != 'fork', reason='the replaced function is inherited'
)
def test_a_worker_that_dies_is_an_error_and_not_a_hang(small, monkeypatch):
    monkeypatch.setattr(mask_folders, 'score_sequence', die)
    with pytest.raises(VOSError, match='worker process died'):
        evaluate_folders('davis2017', *small, num_workers=2)


def run_tool(*args) -> subprocess.CompletedProcess:
    command = [sys.executable, str(REPO / 'tools' / 'eval_masks.py'), *map(str, args)]
    environment = dict(os.environ, PYTHONPATH=str(REPO))
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_the_command_line_writes_what_it_is_asked_for(golden, tmp_path):
    arguments = ['--protocol', 'davis2017', '--gt', golden[0], '--pred', golden[1], '--num-workers', 2]
    outputs = ['--out', tmp_path / 'a.json', '--per-frame', tmp_path / 'f.json', '--csv', tmp_path / 'csv']
    done = run_tool(*arguments, '--compat', 'davis2017-evaluation', *outputs)
    assert done.returncode == 0, done.stderr
    assert 'charlie' in done.stdout and '69.1' in done.stdout
    report = json.loads((tmp_path / 'a.json').read_text())
    assert list(report) == ['protocol', 'compat', 'global', 'per_object', 'speed']
    assert report['global'] == pytest.approx(OFFICIAL['davis_semi']['global_'], rel=0, abs=1e-9)
    frames = json.loads((tmp_path / 'f.json').read_text())
    assert set(frames['bravo']['2']) == {'frames', 'J', 'F'}
    with (tmp_path / 'csv' / 'per_object.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9 and rows[-1]['sequence'] == 'charlie' and rows[-1]['object'] == '4'
    assert float(rows[-1]['J-Mean']) == report['per_object']['charlie']['4']['J-Mean']
    with (tmp_path / 'csv' / 'global.csv').open() as file:
        assert float(next(csv.DictReader(file))['J&F-Mean']) == report['global']['J&F-Mean']


def test_the_command_line_fails_without_a_traceback_and_writes_nothing(small, tmp_path):
    truncate(small[1] / 'one' / '00002.png')
    out = tmp_path / 'scores.json'
    done = run_tool('--protocol', 'davis2017', '--gt', small[0], '--pred', small[1], '--out', out)
    assert done.returncode == 1 and not out.exists()
    assert done.stderr.startswith('AnnotationError: ') and '00002.png' in done.stderr
    assert 'Traceback' not in done.stderr


def test_json_of_scores_without_a_number_is_strict(small, tmp_path, capsys):
    meta = tmp_path / 'meta.json'
    objects = {i: {'category': 'cat'} for i in (1, 3, 7)}
    meta.write_text(json.dumps({'videos': {name: {'objects': objects} for name in ('one', 'two')}}))
    folders = ['--gt', str(small[0]), '--pred', str(small[1])]
    main(['eval', '--protocol', 'ytvos2018', '--set', f'meta={meta}', '--json', *folders])
    report = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert report['global']['J-Unseen'] is None and report['global']['J-Seen'] > 0


def test_predictions_of_other_ids_are_met_by_a_warning(small, tmp_path):
    arguments = ['--protocol', 'davis2017', '--gt', small[0], '--pred', small[1]]
    assert 'warning' not in run_tool(*arguments).stderr
    for path in (small[1] / 'one').glob('*.png'):
        write_id_mask(path, read_id_mask(path) // 2 * 100)
    done = run_tool(*arguments)
    assert done.returncode == 0
    assert done.stderr.endswith(
        "warning: J is 0 in all frames of 1 sequences, such as 'one'. "
        'Predictions must have the object ids of the ground truth.\n'
    )


def test_a_protocol_of_another_package_is_imported(small, monkeypatch, capsys):
    monkeypatch.syspath_prepend(REPO / 'projects' / 'example_project')
    arguments = ['eval', '--protocol', 'survival', '--gt', str(small[0]), '--pred', str(small[0])]
    main([*arguments, '--import', 'example_project'])
    assert 'Survival' in capsys.readouterr().out
    with pytest.raises(
        SystemExit, match=r'^ConfigError: --import nothing_here: cannot be imported .*PYTHONPATH'
    ):
        main([*arguments, '--import', 'nothing_here'])


def test_scoring_folders_needs_no_torch():
    """Starting torch takes longer than scoring a small set."""
    code = (
        'import sys; import vosplug.evaluation.folders; '
        "sys.exit(', '.join(m for m in ('torch', 'matplotlib') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_command_line_draws_plots_with_attributes(small, tmp_path):
    attributes = tmp_path / 'attributes.json'
    attributes.write_text(json.dumps({'one': ['OCC'], 'two': []}))
    out = tmp_path / 'scores.json'
    arguments = ['--gt', small[0], '--pred', small[1], '--plots', tmp_path / 'plots', '--out', out]
    done = run_tool('--protocol', 'davis2017', *arguments, '--set', f'attributes={attributes}')
    assert done.returncode == 0, done.stderr
    report = json.loads(out.read_text())
    means = {
        name: np.mean([o['J-Mean'] for o in objects.values()])
        for name, objects in report['per_object'].items()
    }
    assert report['per_attribute'] == {'OCC': {'with': means['one'], 'without': means['two']}}
    pictures = sorted(p.name for p in (tmp_path / 'plots').iterdir())
    assert pictures == ['attributes.png', 'quantiles.png', 'sequences.png', 'time.png']
    with Image.open(tmp_path / 'plots' / 'time.png') as picture:
        assert len(np.unique(np.asarray(picture.convert('L')))) > 10


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['--set', 'attributes'], "--set: found 'attributes', expected OPTION=VALUE"),
        (['--set', 'radius=3'], 'ConfigError: protocol davis2017'),
        (['--set', 'attributes=5'], 'davis2017, attributes: found 5, expected the path of a file'),
        (['--set', 'attributes=[1]'], 'davis2017, attributes: found [1], expected the path of a file'),
        (['--compat', 'mine'], "ConfigError: protocol davis2017, compat: found 'mine'"),
    ],
)
def test_the_command_line_names_a_wrong_option(small, arguments, message):
    done = run_tool('--protocol', 'davis2017', '--gt', small[0], '--pred', small[1], *arguments)
    assert done.returncode == 1 and message in done.stderr and 'Traceback' not in done.stderr


def test_linked_sequences_are_scored(small, tmp_path):
    gt, pred = small
    (gt / 'two').rename(tmp_path / 'two')
    (gt / 'two').symlink_to('../two')
    (gt / 'loop').symlink_to('.')
    (gt / '@eaDir').mkdir()
    assert set(evaluate_folders('davis2017', gt, pred).per_frame) == {'one', 'two'}


def test_a_sequence_with_a_subfolder_is_scored(small):
    for root in small:
        shutil.copytree(root / 'two', root / 'one' / 'two')
    assert set(evaluate_folders('davis2017', *small).per_frame) == {'one', 'one/two', 'two'}


@pytest.mark.parametrize('wrong', [5, True, [1], {'a': 1}])
@pytest.mark.parametrize('name, option', [('davis2016', 'attributes'), ('ytvos2018', 'meta')])
def test_an_option_that_is_a_file_is_a_path(name, option, wrong):
    with pytest.raises(ConfigError, match=f'protocol {name}, {option}: found .*expected the path of a file'):
        build_protocol({'type': name, option: wrong})


@pytest.mark.parametrize(
    'name, option, wrong',
    [
        ('vos_benchmark', 'skip_ends', 'False'),
        ('vos_benchmark', 'skip_ends', 0),
        ('pseudo_label', 'thresholds', 0.5),
        ('pseudo_label', 'thresholds', ['a']),
        ('pseudo_label', 'thresholds', [0.5, 70]),
    ],
)
def test_wrong_options_are_named_before_anything_is_scored(name, option, wrong):
    with pytest.raises(ConfigError, match=f'protocol {name}, {option}: found .*expected '):
        build_protocol({'type': name, option: wrong})


def test_the_scores_of_a_sequence_whose_name_is_no_text_are_printed(small, tmp_path):
    for folder in small:
        (folder / 'one').rename(folder / 'one\udce9')
    arguments = '--protocol', 'davis2017', '--gt', small[0], '--pred', small[1]
    done = run_tool(*arguments, '--out', tmp_path / 'a', '--csv', tmp_path / 'csv')
    assert 'one\\udce9' in (tmp_path / 'csv' / 'per_object.csv').read_text('utf-8')
    assert done.returncode == 0 and 'one\\udce9' in done.stdout, done.stderr
    assert 'one\udce9' in json.loads((tmp_path / 'a').read_text())['per_object']


@pytest.mark.parametrize('which', [0, 1])
def test_suffixes_in_upper_case_are_read(small, which):
    expected = evaluate_folders('davis2017', *small)
    for path in list(small[which].rglob('*.png')):
        path.rename(path.with_suffix('.PNG'))
    assert evaluate_folders('davis2017', *small).per_frame == expected.per_frame
