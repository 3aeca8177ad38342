"""VOT2020 from files as the VOT toolkit stores them, from folders of masks and by the metric."""

import json
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from protocol_data import GOLDENS, comparable, video_of, write_masks

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation import Scores, VOSMetric, evaluate_folders, evaluate_stream
from vosplug.formats.vot_sequence import anchor_frames, trajectory_name
from vosplug.formats.vot_text import INITIALISATION, format_region, write_regions
from vosplug.structures import FrameResult, VideoSample
from vosplug.structures.vot_raster import mask_region

CASE = json.loads((GOLDENS / 'vot.json').read_text())
GOLDEN = CASE['results']
ARRAYS = dict(np.load(GOLDENS / 'vot.npz'))
NAMES = [f'vseq{i}' for i in range(len(CASE['sizes']))]
CLOSE = dict(rel=0, abs=1e-9)
INTERVALS = [(10, 40), (5, 70), (115, 755)]
# vot-toolkit 0.9.0 on the golden's runs, stored with the code of the initialisation in their first lines
CODED = {'vseq0': 0.7446961915858983, 'vseq1': 0.7497635113749841, 'vseq2': 0.7027725406012637}
CODED_ACCURACY = 0.7414295363899601
SHORT = dict(type='vot2020', interval=(1, 3))
SIZE = 40, 30
BLOCK, AWAY, HALF = 'm10,10,4,4,0,16', 'm20,10,4,4,0,16', 'm10,10,4,2,0,8'


def golden_masks(name: str, length: int) -> np.ndarray:
    width, height = CASE['image']
    return np.unpackbits(ARRAYS[name], count=length * height * width).reshape(length, height, width)


def golden_runs(name: str) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Anchor -> ground truth and prediction, (T, H, W) in tracking order."""
    length = CASE['sizes'][NAMES.index(name)]
    gt = golden_masks(f'{name}_gt', length)
    return {
        anchor: (gt[frames], golden_masks(f'{name}_run{anchor}', len(frames)))
        for anchor, frames in anchor_frames(ARRAYS[f'{name}_anchors'], length).items()
    }


def lines_of(masks: np.ndarray, coded: bool = True) -> list[str]:
    lines = [format_region(mask_region(mask)) for mask in masks]
    return [str(INITIALISATION), *lines[1:]] if coded else lines


def write_sequence(
    root: Path, name: str, lines: Sequence[str], anchors: Sequence[int], size: tuple[int, int]
) -> None:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / 'sequence').write_text(
        f'channels.color=color/%08d.jpg\nfps=30\nformat=default\nname={name}\nwidth={size[0]}\n'
        f'height={size[1]}\nlength={len(lines)}\n'
    )
    (folder / 'groundtruth.txt').write_text(''.join(f'{line}\n' for line in lines))
    (folder / 'anchor.value').write_text(''.join(f'{anchor}\n' for anchor in anchors))


def write_run(root: Path, name: str, anchor: int, lines: Sequence[str]) -> Path:
    path = root / name / f'{name}_{anchor:08d}.txt'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'{line}\n' for line in lines))
    return path


def write_binary(path: Path, masks: np.ndarray) -> None:
    """The toolkit's binary results: a code and masks of the whole picture."""
    _, height, width = masks.shape
    data = struct.pack('<hIBI', 1, len(masks), 0, INITIALISATION)
    for mask in masks[1:]:
        flat = np.concatenate([[0], mask.ravel(), [2]])
        runs = np.diff(np.flatnonzero(np.diff(flat)), prepend=0)
        data += struct.pack(f'<B2h3H{len(runs)}H', 3, 0, 0, width, height, len(runs), *runs)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)


@pytest.fixture(scope='module')
def golden(tmp_path_factory) -> Path:
    """``gt``, ``coded`` results as the toolkit stores them, and ``full`` ones with masks in anchor frames."""
    root = tmp_path_factory.mktemp('vot')
    for name, length in zip(NAMES, CASE['sizes'], strict=True):
        truth = lines_of(golden_masks(f'{name}_gt', length), coded=False)
        write_sequence(root / 'gt', name, truth, ARRAYS[f'{name}_anchors'], CASE['image'])
        for anchor, (_, pred) in golden_runs(name).items():
            write_run(root / 'full', name, anchor, lines_of(pred, coded=False))
            write_run(root / 'coded', name, anchor, lines_of(pred))
    return root


@pytest.fixture(scope='module')
def coded(golden) -> Scores:
    return evaluate_folders('vot2020', golden / 'gt', golden / 'coded')


@pytest.fixture
def small(tmp_path) -> tuple[Path, Path]:
    """A sequence of 12 frames tracked from both ends without a miss; overlap 1 but in the anchors."""
    write_sequence(tmp_path / 'gt', 'ants', [BLOCK] * 12, [1, *[0] * 10, -1], SIZE)
    for anchor in (0, 11):
        write_run(tmp_path / 'pred', 'ants', anchor, ['1', *[BLOCK] * 11])
    return tmp_path / 'gt', tmp_path / 'pred'


def run_video(name: str, anchor: int, gt: np.ndarray, length: int) -> VideoSample:
    run = Path(trajectory_name(name, anchor)).stem
    return replace(video_of(gt, run), metainfo=dict(sequence=name, anchor=anchor, length=length))


def score_stream(
    protocol: str | dict, videos: dict[str, VideoSample], preds: dict[str, np.ndarray]
) -> Scores:
    metric = VOSMetric(protocol)
    evaluate_stream(
        metric,
        list(videos.values()),
        lambda v: (FrameResult(t, v.source.frame_names[t], m, {}) for t, m in enumerate(preds[v.name])),
    )
    return metric.scores


def without_frame_names(scores: Scores) -> str:
    runs = {run: {1: {'Overlap': of[1]['Overlap']}} for run, of in scores.per_frame.items()}
    return comparable(replace(scores, per_frame=runs, speed={}))


@pytest.mark.parametrize('interval', INTERVALS)
def test_runs_with_a_mask_in_the_anchor_frame_equal_the_golden(golden, interval):
    protocol = dict(type='vot2020', interval=list(interval))
    scores, eao = evaluate_folders(protocol, golden / 'gt', golden / 'full'), GOLDEN['eao']
    expected = {'EAO': eao['{}_{}'.format(*interval)]['score'], 'Accuracy': GOLDEN['average']['accuracy']}
    assert scores.overall == pytest.approx(
        {**expected, 'Robustness': GOLDEN['average']['robustness']}, **CLOSE
    )
    assert len(scores.details['curves']['eao']) == interval[1]
    if curve := eao['{}_{}'.format(*interval)]['curve']:
        assert scores.details['curves']['eao'] == pytest.approx(curve, **CLOSE)
    for name in NAMES:
        accuracy, robustness, *_ = GOLDEN['accuracy_robustness'][name]
        found = scores.per_object[name][1]
        assert found == pytest.approx({'Accuracy': accuracy, 'Robustness': robustness}, **CLOSE)


def test_runs_as_the_toolkit_stores_them_lose_the_overlap_of_the_anchor(golden, coded):
    assert coded.overall['Accuracy'] == pytest.approx(CODED_ACCURACY, **CLOSE)
    assert coded.overall['Robustness'] == pytest.approx(GOLDEN['average']['robustness'], **CLOSE)
    assert coded.overall['EAO'] == pytest.approx(GOLDEN['eao']['115_755']['score'], **CLOSE)
    for name, accuracy in CODED.items():
        _, robustness, *_ = GOLDEN['accuracy_robustness'][name]
        found = coded.per_object[name][1]
        assert found == pytest.approx({'Accuracy': accuracy, 'Robustness': robustness}, **CLOSE)
        for anchor in golden_runs(name):
            of_run = coded.per_frame[f'{name}_{anchor:08d}'][1]
            overlaps = ARRAYS[f'{name}_run{anchor}_overlaps']
            assert of_run['Overlap'] == pytest.approx([0, *overlaps[1:]], **CLOSE)


def test_frames_are_named_in_tracking_order(coded):
    assert coded.per_frame['vseq2_00000012'][1]['frames'][:2] == ['00000013', '00000014']
    backward = coded.per_frame['vseq2_00000036'][1]['frames']
    assert backward[:2] == ['00000037', '00000036'] and backward[-1] == '00000001' and len(backward) == 37


def test_the_metric_equals_the_toolkits_files(coded):
    videos, preds = {}, {}
    for name in NAMES:
        for anchor, (gt, pred) in golden_runs(name).items():
            video = run_video(name, anchor, gt, CASE['sizes'][NAMES.index(name)])
            videos[video.name], preds[video.name] = video, pred
    assert without_frame_names(score_stream('vot2020', videos, preds)) == without_frame_names(coded)


def test_folders_of_masks_equal_the_toolkits_files(golden, tmp_path):
    for anchor, (_, pred) in golden_runs('vseq2').items():
        write_masks(tmp_path / 'masks' / f'vseq2_{anchor:08d}', pred * 3)
    (tmp_path / 'list.txt').write_text('vseq2\n')
    found, expected = (
        evaluate_folders('vot2020', golden / 'gt', pred, tmp_path / 'list.txt')
        for pred in (tmp_path / 'masks', golden / 'coded')
    )
    assert list(found.per_object) == ['vseq2']
    assert found.per_object['vseq2'][1]['Accuracy'] == pytest.approx(CODED['vseq2'], **CLOSE)
    assert comparable(replace(found, speed={})) == comparable(replace(expected, speed={}))


def test_results_under_baseline_and_binary_ones_are_found(golden, tmp_path):
    (tmp_path / 'list.txt').write_text('vseq2\n')
    for k, (anchor, (_, pred)) in enumerate(golden_runs('vseq2').items()):
        # each suffix in each place
        path = tmp_path / 'pred' / ('', 'baseline')[k % 2] / 'vseq2' / f'vseq2_{anchor:08d}.txt'
        if k < 2:
            write_binary(path.with_suffix('.bin'), pred)
        else:
            write_regions(path, [INITIALISATION, *map(mask_region, pred[1:])])
    scores = evaluate_folders('vot2020', golden / 'gt', tmp_path / 'pred', tmp_path / 'list.txt')
    assert scores.overall['Accuracy'] == pytest.approx(CODED['vseq2'], **CLOSE)


def test_workers_give_the_same_numbers_and_reports_are_json(small):
    alone, shared = (evaluate_folders('vot2020', *small, num_workers=n) for n in (0, 2))
    assert comparable(replace(alone, speed={})) == comparable(replace(shared, speed={}))
    assert json.loads(comparable(alone), parse_constant=pytest.fail)


def test_numbers_by_hand(small):
    scores = evaluate_folders(SHORT, *small)
    assert scores.overall == pytest.approx({'EAO': 1, 'Accuracy': 22 / 24, 'Robustness': 1})
    write_run(small[1], 'ants', 11, ['1', HALF, BLOCK, *[AWAY] * 9])
    scores = evaluate_folders(SHORT, *small)
    # nine misses in a row are no failure
    assert scores.overall['Robustness'] == 1
    assert scores.overall['Accuracy'] == pytest.approx((11 + 1.5) / 24)
    assert scores.overall['EAO'] == pytest.approx(((1 + 0.5) / 2 + (1 + 0.75) / 2) / 2)


def test_the_code_of_the_initialisation_is_a_miss_as_any(small):
    write_run(small[1], 'ants', 0, ['1', *[AWAY] * 9, BLOCK, BLOCK])
    scores = evaluate_folders(SHORT, *small)
    # with the anchor these are ten: this run fails before its first frame
    assert scores.overall == pytest.approx({'EAO': 0.5, 'Accuracy': 11 / 12, 'Robustness': 0.5})


@pytest.mark.parametrize('form', ['text', 'metric'])
def test_a_frame_without_the_object_ends_a_series_of_misses(small, form):
    lines = ['1', *[AWAY] * 11]
    truth = [BLOCK] * 12
    truth[6] = '0' if form == 'text' else 'm0,0,0,0,0'
    if form == 'text':
        (small[0] / 'ants' / 'groundtruth.txt').write_text('\n'.join(truth))
        (small[0] / 'ants' / 'anchor.value').write_text('1\n')
        write_run(small[1], 'ants', 0, lines)
        scores = evaluate_folders(SHORT, *small)
    else:
        gt, pred = np.zeros((2, 12, *SIZE[::-1]), np.uint8)
        gt[:, 10:14, 10:14] = 1
        gt[6] = 0
        pred[:, 10:14, 20:24] = 1
        video = run_video('ants', 0, gt, 12)
        scores = score_stream(SHORT, {video.name: video}, {video.name: pred})
    assert scores.overall == {'EAO': 0, 'Accuracy': 0, 'Robustness': 1}


def test_the_metric_scores_the_object_given_and_no_other():
    gt, pred = np.zeros((2, 12, *SIZE[::-1]), np.uint8)
    gt[:, 10:14, 10:14] = pred[:, 10:14, 10:14] = 6
    gt[1:, 20:24, 20:24], pred[:, 2:6, 2:30] = 2, 2
    video = run_video('ants', 0, gt, 12)
    scores = score_stream(SHORT, {video.name: video}, {video.name: pred})
    assert scores.overall == pytest.approx({'EAO': 1, 'Accuracy': 11 / 12, 'Robustness': 1})


def test_sequences_weigh_by_tracked_frames_in_accuracy_and_by_length_in_robustness(small):
    write_sequence(small[0], 'bees', [BLOCK] * 36, [1], SIZE)
    write_run(small[1], 'bees', 0, ['1', *[HALF] * 17, *[AWAY] * 18])
    scores = evaluate_folders(SHORT, *small)
    assert scores.per_object['bees'][1] == pytest.approx({'Accuracy': 8.5 / 18, 'Robustness': 18 / 36})
    assert scores.overall['Accuracy'] == pytest.approx((22 + 8.5) / (24 + 18))
    assert scores.overall['Robustness'] == pytest.approx((12 * 1 + 36 * 0.5) / 48)
    assert scores.overall['EAO'] == pytest.approx((1 + 1 + 0.5) / 3)


def test_regions_count_inside_the_picture_only(small):
    write_sequence(small[0], 'bees', ['0,0,8,8'] * 2, [1], SIZE)
    write_run(small[1], 'bees', 0, ['1', '-8,-8,16,16'])
    scores = evaluate_folders(SHORT, *small)
    assert scores.per_frame['bees_00000000'][1]['Overlap'] == [0, 1]


def test_a_missing_run_is_named(small):
    (small[1] / 'ants' / 'ants_00000011.txt').unlink()
    with pytest.raises(
        AnnotationError, match=r'ants/ants_00000011\.txt: result of the run not found.*folder'
    ):
        evaluate_folders('vot2020', *small)


@pytest.mark.parametrize('form', ['text', 'masks'])
def test_a_run_of_another_length_is_named(small, form):
    path = write_run(small[1], 'ants', 11, ['1', *[BLOCK] * 10])
    if form == 'masks':
        path.unlink()
        path = write_masks(small[1] / 'ants_00000011', np.ones((11, *SIZE[::-1]), np.uint8))
    with pytest.raises(AnnotationError, match=f'{path}: found 11 frames, the run has 12'):
        evaluate_folders('vot2020', *small)


def test_masks_of_another_size_are_an_error(small):
    (small[1] / 'ants' / 'ants_00000000.txt').unlink()
    write_masks(small[1] / 'ants_00000000', np.ones((12, *SIZE), np.uint8))
    with pytest.raises(AnnotationError, match=r'ants_00000000/00001\.png: mask is 30x40, its frame is 40x30'):
        evaluate_folders('vot2020', *small)
    gt = np.ones((12, *SIZE[::-1]), np.uint8)
    video = run_video('ants', 0, gt, 12)
    with pytest.raises(AnnotationError, match='ants_00000000, frame 00000: prediction is 30x40'):
        score_stream('vot2020', {video.name: video}, {video.name: np.ones((12, *SIZE), np.uint8)})


def test_a_damaged_line_and_an_unknown_sequence_are_named(small, tmp_path):
    (tmp_path / 'list.txt').write_text('ants\nunknown\n')
    with pytest.raises(AnnotationError, match='unknown/sequence: annotation file not found'):
        evaluate_folders('vot2020', *small, tmp_path / 'list.txt')
    path = write_run(small[1], 'ants', 11, ['1', *[BLOCK] * 10, 'm1,2'])
    with pytest.raises(AnnotationError, match=f'{path}, line 12: expected a VOT region'):
        evaluate_folders('vot2020', *small)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(AnnotationError, match=r'empty: no sequence; expected <sequence>/groundtruth\.txt'):
        evaluate_folders('vot2020', tmp_path / 'empty', small[1])


@pytest.mark.parametrize('interval', [(40, 10), (10, 10), (0, 10), (10,), (1, 2, 3)])
def test_an_interval_of_no_run_lengths_is_refused(interval):
    with pytest.raises(ConfigError, match='vot2020, interval: found'):
        VOSMetric(dict(type='vot2020', interval=interval))


@pytest.mark.parametrize('missing', ['sequence', 'anchor', 'length'])
def test_the_metric_needs_to_know_the_run(missing):
    gt = np.ones((3, *SIZE[::-1]), np.uint8)
    video = run_video('ants', 0, gt, 3)
    del video.metainfo[missing]
    with pytest.raises(AnnotationError, match=rf"ants_00000000: metainfo has no \['{missing}'\]"):
        score_stream('vot2020', {video.name: video}, {video.name: gt})
    with pytest.raises(AnnotationError, match='ants_00000000: no ground truth'):
        score_stream('vot2020', {'': replace(video, annotation=None)}, {video.name: gt})
