"""Tracking benchmarks: goldens from files in their own layouts, and boxes, masks and the metric agree."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from protocol_data import GOLDENS, video_of, write_masks

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation import Scores, VOSMetric, evaluate_folders, evaluate_stream
from vosplug.formats.text_file import write_json
from vosplug.structures import FrameResult, ObjectPrompt, Prompts, VideoSample

GOLDEN = json.loads((GOLDENS / 'box_metrics.json').read_text())['results']
ARRAYS = dict(np.load(GOLDENS / 'box_metrics.npz'))
GTS, PREDS, COVERS = ([ARRAYS[f'seq{i}_{kind}'] for i in range(3)] for kind in ('gt', 'pr', 'cover'))
EXACT = dict(rel=0, abs=1e-12)
NAMES = {
    'got10k': [f'GOT-10k_Val_{i:06d}' for i in (1, 2, 3)],
    'lasot': ['airplane-9', 'electricfan-1', 'electricfan-10'],
    'trackingnet': ['-5cLGbt8xgY_0', '0-6LB4FqxoE_0', 'zzz_1'],
}
PROTOCOLS = list(NAMES)
SIZE = 64, 48

# left side of a square of 10 x 10 pixels, None where there is none; IoU 1, 9/11, 7/13, 1/3, -, 0, 1
TRUE = [10, 10, 10, 10, None, 10, 10]
FOUND = [10, 11, 13, 15, 30, None, 10]
# AUC: a frame passes 20, 17, 11, 7, 0 and 20 of the 21 thresholds
BY_HAND = {
    'got10k': {'AO': (9 / 11 + 7 / 13 + 1 / 3 + 0 + 1) / 5, 'SR0.5': 3 / 5, 'SR0.75': 2 / 5},
    'lasot': {'AUC': 75 / 126, 'OP50': 4 / 6, 'OP75': 3 / 6, 'Precision': 5 / 6, 'Norm-Precision': 3 / 6},
}
BY_HAND['trackingnet'] = BY_HAND['lasot']


def write_rows(path: Path, rows: np.ndarray, form: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, rows, form, delimiter=',')


def write_truth(
    root: Path,
    benchmark: str,
    gts: Sequence[np.ndarray],
    covers: Sequence[np.ndarray] | None = None,
    size: tuple[int, int] = SIZE,
) -> Path:
    """Ground truth in the benchmark's layout; where cover is 0 the object is absent, hidden or outside."""
    covers = [np.full(len(gt), 8) for gt in gts] if covers is None else covers
    for name, gt, cover in zip(NAMES[benchmark], gts, covers, strict=False):
        if benchmark == 'got10k':
            write_rows(root / name / 'groundtruth.txt', gt, '%.4f')
            write_rows(root / name / 'cover.label', cover, '%d')
            write_rows(root / name / 'absence.label', cover == 0, '%d')
            text = f'[METAINFO]\nanno_fps: 10Hz\nobject_class: bear\nresolution: ({size[0]}, {size[1]})\n'
            (root / name / 'meta_info.ini').write_text(text)
        elif benchmark == 'lasot':
            folder = root / name.split('-')[0] / name
            write_rows(folder / 'groundtruth.txt', gt, '%.2f')
            even = np.arange(len(gt)) % 2 == 0
            write_rows(folder / 'full_occlusion.txt', [(cover == 0) & even], '%d')
            write_rows(folder / 'out_of_view.txt', [(cover == 0) & ~even], '%d')
        else:
            write_rows(root / 'anno' / f'{name}.txt', gt, '%.2f')
    if benchmark == 'got10k':
        (root / 'list.txt').write_text(''.join(f'{name}\n' for name in NAMES[benchmark][: len(gts)]))
    return root


def write_results(root: Path, benchmark: str, preds: Sequence[np.ndarray], nested: bool = False) -> Path:
    """Predictions as text, as the GOT-10k toolkit stores them if ``nested``."""
    for name, pred in zip(NAMES[benchmark], preds, strict=False):
        write_rows(root / (f'{name}/{name}_001.txt' if nested else f'{name}.txt'), pred, '%.2f')
    return root


def golden_scores(root: Path, benchmark: str, compat: str | None = None, **changes) -> Scores:
    truth = write_truth(root / 'gt', benchmark, **{'gts': GTS, 'size': (320, 240), **changes})
    protocol = benchmark if compat is None else dict(type=benchmark, compat=compat)
    return evaluate_folders(protocol, truth, write_results(root / 'pred', benchmark, PREDS))


def changed(frame: int, value: float) -> list[np.ndarray]:
    gts = [gt.copy() for gt in GTS]
    for gt in gts:
        gt[frame] = value
    return gts


def boxes(lefts: Sequence[int | None], absent: Sequence[float] = (0, 0, 0, 0)) -> np.ndarray:
    return np.array([absent if x is None else (x, 10, 10, 10) for x in lefts], float)


def masks(lefts: Sequence[int | None], object_id: int = 1) -> np.ndarray:
    stack = np.zeros((len(lefts), *SIZE[::-1]), np.uint8)
    for mask, x in zip(stack, lefts, strict=True):
        if x is not None:
            mask[10:20, x : x + 10] = object_id
    return stack


def write_squares(root: Path, benchmark: str) -> Path:
    """Ground truth of the squares; the frame without one has a box, which must not count."""
    cover = np.array([0 if x is None else 8 for x in TRUE])
    no_box = (0, 0, 0, 0) if benchmark == 'trackingnet' else (30, 10, 10, 10)
    return write_truth(root, benchmark, [boxes(TRUE, no_box)], [cover])


def score_stream(protocol: str | dict, video: VideoSample, predicted: np.ndarray) -> Scores:
    metric = VOSMetric(protocol)
    evaluate_stream(
        metric, [video], lambda v: (FrameResult(t, f'{t:05d}', m, {}) for t, m in enumerate(predicted))
    )
    return metric.scores


def numbers(scores: Scores, like: dict[str, float]) -> dict[str, float]:
    assert like.keys() <= scores.overall.keys()
    return {key: scores.overall[key] for key in like}


@pytest.mark.parametrize('nested', [False, True], ids=['flat', 'nested'])
def test_got10k_equals_the_toolkit(tmp_path, nested):
    golden = GOLDEN['got10k']
    truth = write_truth(tmp_path / 'gt', 'got10k', GTS, COVERS, (320, 240))
    scores = evaluate_folders('got10k', truth, write_results(tmp_path / 'pred', 'got10k', PREDS, nested))
    expected = {'AO': golden['ao'], 'SR0.5': golden['sr050'], 'SR0.75': golden['sr075_from_curve']}
    assert scores.overall == pytest.approx(expected, **EXACT)
    assert scores.details['curves']['success'] == pytest.approx(golden['succ_curve'], **EXACT)
    for i, name in enumerate(NAMES['got10k']):
        part, of_video = golden['seq_wise'][f'seq{i}'], scores.per_object[name][1]
        assert (of_video['AO'], of_video['SR0.5']) == pytest.approx((part['ao'], part['sr']), **EXACT)


@pytest.mark.parametrize('absent_by', ['nan', 'flags'])
def test_lasot_equals_the_toolkit(tmp_path, absent_by):
    covers = [np.where(np.arange(len(gt)) == 7, 0, 8) for gt in GTS]
    change = dict(gts=changed(7, np.nan)) if absent_by == 'nan' else dict(covers=covers)
    scores = golden_scores(tmp_path, 'lasot', **change)
    golden = GOLDEN['lasot_got10ktoolkit_nan_frame7']
    videos = {name: golden['seq_wise'][f'seq{i}'] for i, name in enumerate(NAMES['lasot'])}
    found = {name: scores.per_object[name][1] for name in videos} | {'overall': scores.overall}
    for name, part in {**videos, 'overall': golden['overall']}.items():
        assert found[name]['AUC'] == pytest.approx(part['success_score'], **EXACT)
        assert found[name]['OP50'] == pytest.approx(part['success_rate'], **EXACT)
        assert found[name]['Precision'] == pytest.approx(part['precision_score'], **EXACT)
        assert found[name]['Norm-Precision-AUC'] == pytest.approx(part['normalized_precision_score'], **EXACT)
    curves = scores.details['curves']
    for ours, theirs in {
        'success': 'success_curve',
        'precision': 'precision_curve',
        'norm_precision': 'normalized_precision_curve',
    }.items():
        assert curves[ours] == pytest.approx(golden['overall'][theirs], **EXACT)


def test_trackingnet_equals_the_toolkit(tmp_path):
    scores, golden = golden_scores(tmp_path, 'trackingnet'), GOLDEN['otb']['overall']
    assert scores.overall['AUC'] == pytest.approx(golden['success_score'], **EXACT)
    assert scores.overall['Precision'] == pytest.approx(golden['precision_score'], **EXACT)


@pytest.mark.parametrize(
    'case, benchmark, compat',
    [
        ('otb', 'trackingnet', 'pytracking'),
        ('lasot_visible', 'lasot', 'pytracking-lasot'),
        ('zero_gt_frame11', 'trackingnet', 'pytracking'),
        ('zero_gt_frame11_excl', 'trackingnet', 'pytracking-exclude-invalid'),
        ('uav_zero_gt', 'trackingnet', 'pytracking-uav'),
    ],
)
def test_compat_equals_pytracking(tmp_path, case, benchmark, compat):
    change = {}
    if 'zero_gt' in case:
        change = dict(gts=changed(11, 0))
    elif benchmark == 'lasot':
        change = dict(covers=[np.where(cover > 2, 8, 0) for cover in COVERS])
    scores, golden = golden_scores(tmp_path, benchmark, compat, **change), GOLDEN[f'pytracking_{case}']
    assert scores.compat == compat
    # pytracking's are float32, in percent
    for ours, theirs in {'Norm-Precision': 'NormPrecision'}.items() | {
        (name, name) for name in ('AUC', 'OP50', 'OP75', 'Precision')
    }:
        assert 100 * scores.overall[ours] == pytest.approx(golden[theirs], rel=1e-6)


def test_workers_give_the_same_numbers_and_reports_are_json(tmp_path):
    covers = [np.where(np.arange(len(gt)) == 7, 0, 8) for gt in GTS]
    truth = write_truth(tmp_path / 'gt', 'lasot', changed(5, np.nan), covers)
    pred = write_results(tmp_path / 'pred', 'lasot', PREDS)
    alone, shared = (evaluate_folders('lasot', truth, pred, num_workers=n) for n in (0, 2))
    for report in (alone.frame_report(), alone.report()):
        write_json(tmp_path / 'scores.json', report)
        assert json.loads((tmp_path / 'scores.json').read_text(), parse_constant=pytest.fail)
    assert shared.report() | {'speed': None} == alone.report() | {'speed': None}
    assert 'electricfan-10' in alone.table()


@pytest.mark.parametrize('benchmark', PROTOCOLS)
@pytest.mark.parametrize('form', ['text', 'masks', 'metric'])
def test_numbers_by_hand_whatever_the_form_of_the_prediction(tmp_path, benchmark, form):
    if form == 'metric':
        scores = score_stream(benchmark, video_of(masks(TRUE)), masks(FOUND))
    else:
        truth, pred = write_squares(tmp_path / 'gt', benchmark), tmp_path / 'pred'
        if form == 'text':
            write_results(pred, benchmark, [boxes(FOUND)])
        else:
            write_masks(pred / NAMES[benchmark][0], masks(FOUND, object_id=7))
        scores = evaluate_folders(benchmark, truth, pred)
    assert numbers(scores, BY_HAND[benchmark]) == pytest.approx(BY_HAND[benchmark])
    (of_video,) = scores.per_object.values()
    assert of_video == {1: scores.overall}
    (of_frames,) = scores.per_frame.values()
    ious = [1, 9 / 11, 7 / 13, 1 / 3, 0, 1]
    assert [*of_frames[1]['IoU'][:4], *of_frames[1]['IoU'][5:]] == pytest.approx(ious)
    assert len(of_frames[1]['frames']) == len(TRUE)


def test_masks_are_taken_in_natural_order_and_may_be_black_and_white(tmp_path):
    truth = write_truth(tmp_path / 'gt', 'lasot', [boxes(range(10, 22))])
    folder = tmp_path / 'pred' / 'airplane-9'
    folder.mkdir(parents=True)
    for t, mask in enumerate(masks(range(10, 22), object_id=255)):
        Image.fromarray(mask).save(folder / f'{t}.png')
    assert evaluate_folders('lasot', truth, tmp_path / 'pred').overall['OP75'] == 1


def test_the_hidden_file_of_a_killed_run_is_no_mask(tmp_path):
    truth = write_truth(tmp_path / 'gt', 'lasot', [boxes([10, 10, 10])])
    write_masks(tmp_path / 'pred' / 'airplane-9', masks([10, 10, 10]))
    (tmp_path / 'pred' / 'airplane-9' / '.00001.123.png').write_bytes(b'half')
    assert evaluate_folders('lasot', truth, tmp_path / 'pred').overall['AUC'] == pytest.approx(20 / 21)


def test_void_of_an_indexed_mask_is_no_object(tmp_path):
    truth = write_truth(tmp_path / 'gt', 'lasot', [boxes([10, 10, 10])])
    predicted = masks([10, 10, 10])
    predicted[:, -1] = 255
    write_masks(tmp_path / 'pred' / 'airplane-9', predicted)
    assert evaluate_folders('lasot', truth, tmp_path / 'pred').overall['AUC'] == pytest.approx(20 / 21)


def test_a_mask_counts_by_its_extreme_points(tmp_path):
    truth = write_truth(tmp_path / 'gt', 'got10k', [boxes([10, 10])])
    corners = masks([10, 10])
    corners[:, 11:19] = 0
    corners[:, :, 11:19] = 0
    write_masks(tmp_path / 'pred' / NAMES['got10k'][0], corners)
    assert evaluate_folders('got10k', truth, tmp_path / 'pred').overall['AO'] == pytest.approx(1)


def test_the_first_frame_counts_as_given(tmp_path):
    for benchmark in ('got10k', 'lasot'):
        truth = write_truth(tmp_path / benchmark / 'gt', benchmark, [boxes([10, 10, 10, 10])])
        pred = write_results(tmp_path / benchmark / 'pred', benchmark, [boxes([40, 40, 10, 40])])
        scores = evaluate_folders(benchmark, truth, pred)
        key, expected = {'got10k': ('SR0.5', 1 / 3), 'lasot': ('OP50', 2 / 4)}[benchmark]
        assert scores.overall[key] == pytest.approx(expected)


@pytest.mark.parametrize(
    'gt, pred, overlap',
    [
        ((0, 10, 10, 10), (-5, 10, 10, 10), 1 / 3),  # moved to 0
        ((54, 10, 10, 10), (54, 10, 20, 10), 1 / 2),  # cut at the right side, 64
        ((20, 38, 10, 10), (20, 38, 10, 40), 1 / 4),  # and at the bottom, 48
    ],
)
def test_only_got10k_moves_boxes_into_the_picture(tmp_path, gt, pred, overlap):
    for benchmark, expected in {'got10k': 1, 'trackingnet': overlap}.items():
        truth = write_truth(tmp_path / benchmark / 'gt', benchmark, [np.array([gt] * 3)])
        results = write_results(tmp_path / benchmark / 'pred', benchmark, [np.array([pred] * 3)])
        scores = evaluate_folders(benchmark, truth, results)
        assert scores.per_frame[NAMES[benchmark][0]][1]['IoU'] == pytest.approx([expected] * 3)
        if benchmark == 'got10k':
            assert scores.overall['AO'] == pytest.approx(expected)


def test_frames_of_got10k_count_alike_and_videos_of_lasot(tmp_path):
    gts = [boxes([10] * 2), boxes([10] * 4)]
    preds = [boxes([10] * 2), boxes([10, 40, 40, 40])]
    for benchmark, key, expected in (('got10k', 'SR0.5', 1 / 4), ('lasot', 'OP50', (1 + 1 / 4) / 2)):
        truth = write_truth(tmp_path / benchmark / 'gt', benchmark, gts)
        pred = write_results(tmp_path / benchmark / 'pred', benchmark, preds)
        assert evaluate_folders(benchmark, truth, pred).overall[key] == pytest.approx(expected)


def test_only_the_sequences_of_the_image_set_are_scored(tmp_path):
    truth = write_truth(tmp_path / 'gt', 'trackingnet', GTS)
    pred = write_results(tmp_path / 'pred', 'trackingnet', PREDS[:2])
    (tmp_path / 'set.txt').write_text(f'{NAMES["trackingnet"][1]}\n')
    scores = evaluate_folders('trackingnet', truth, pred, tmp_path / 'set.txt')
    assert list(scores.per_object) == [NAMES['trackingnet'][1]]
    assert scores.overall['AUC'] == pytest.approx(GOLDEN['otb']['seq_wise']['seq1']['success_score'], **EXACT)


@pytest.mark.parametrize(
    'benchmark, key, given, expected',
    [
        ('got10k', 'cover', [8, 8, 8, 0, 0, 8, 1], {'AO': (9 / 11 + 7 / 13 + 0 + 1) / 4, 'SR0.5': 3 / 4}),
        ('lasot', 'visible', [1, 1, 1, 0, 0, 1, 1], {'AUC': 68 / 105, 'OP50': 4 / 5}),
    ],
)
def test_the_metric_leaves_out_frames_that_metainfo_calls_hidden(benchmark, key, given, expected):
    video = replace(video_of(masks(TRUE)), metainfo={key: np.array(given)})
    assert numbers(score_stream(benchmark, video, masks(FOUND)), expected) == pytest.approx(expected)


def test_an_absent_object_is_out_of_view_for_the_metric(tmp_path):
    protocol = dict(type='lasot', compat='pytracking-lasot')
    pred = write_results(tmp_path / 'pred', 'lasot', [boxes(FOUND)])
    expected = evaluate_folders(protocol, write_squares(tmp_path / 'gt', 'lasot'), pred).overall
    assert expected['Norm-Precision'] == pytest.approx(3 / 7)
    assert score_stream(protocol, video_of(masks(TRUE)), masks(FOUND)).overall == pytest.approx(expected)


@pytest.mark.parametrize('benchmark', PROTOCOLS)
def test_a_later_prompt_starts_the_track_of_the_metric(benchmark):
    gt, found = masks([10, 10, *TRUE], 5), masks([None, 40, *FOUND], 5)
    gt[:, 30:40, 5:20] = 2  # another object
    found[:, 40:45] = 2
    video = video_of(gt)
    prompts = Prompts({2: [ObjectPrompt(5, mask=gt[2] == 5)]})
    scores = score_stream(benchmark, replace(video, prompts=prompts), found)
    assert numbers(scores, BY_HAND[benchmark]) == pytest.approx(BY_HAND[benchmark])
    assert scores.per_frame['clip'][5]['frames'] == [f'{t:05d}' for t in range(2, 9)]


@pytest.mark.parametrize('benchmark, key, expected', [('got10k', 'SR0.5', 0.5), ('lasot', 'OP50', 2 / 3)])
def test_eval_frames_without_the_prompts_lose_no_frame(benchmark, key, expected):
    gt, found = masks([10] * 5), masks([10, 10, 40, 40, 10])
    video = replace(video_of(gt), eval_frames=[2, 4])
    scores = score_stream(benchmark, video, found)
    assert scores.per_frame['clip'][1]['frames'] == ['00000', '00002', '00004']
    assert scores.overall[key] == pytest.approx(expected)


def test_the_metric_needs_ground_truth_and_frames_after_the_prompt():
    video = video_of(masks([10, 10]))
    with pytest.raises(AnnotationError, match='clip: no ground truth'):
        score_stream('lasot', replace(video, annotation=None), masks([10, 10]))
    late = Prompts({1: [ObjectPrompt(1, mask=masks([10])[0])]})
    with pytest.raises(AnnotationError, match='clip: nothing to score after'):
        score_stream('lasot', replace(video, prompts=late), masks([10, 10]))


def test_masks_of_another_size_are_an_error(tmp_path):
    small = np.zeros((2, 20, 30), np.uint8)
    with pytest.raises(AnnotationError, match='clip, frame 00000: prediction is 30x20, the frame is 64x48'):
        score_stream('lasot', video_of(masks([10, 10])), small)
    truth = write_truth(tmp_path / 'gt', 'got10k', [boxes([10, 10])])
    write_masks(tmp_path / 'pred' / NAMES['got10k'][0], small)
    with pytest.raises(AnnotationError, match=r'000001/00000\.png: mask is 30x20, its frame is 64x48'):
        evaluate_folders('got10k', truth, tmp_path / 'pred')


@pytest.mark.parametrize('benchmark', PROTOCOLS)
def test_a_wrong_number_of_masks_names_the_folder(tmp_path, benchmark):
    truth, name = write_truth(tmp_path / 'gt', benchmark, [boxes([10, 10, 10])]), NAMES[benchmark][0]
    folder = write_masks(tmp_path / 'pred' / name, masks([10, 10]))
    with pytest.raises(AnnotationError, match=f'{folder}: found 2 masks, the ground truth has 3 frames'):
        evaluate_folders(benchmark, truth, tmp_path / 'pred')


@pytest.mark.parametrize('benchmark', PROTOCOLS)
def test_a_wrong_number_of_boxes_names_the_file(tmp_path, benchmark):
    truth, name = write_truth(tmp_path / 'gt', benchmark, [boxes([10, 10, 10])]), NAMES[benchmark][0]
    pred = write_results(tmp_path / 'pred', benchmark, [boxes([10, 10])])
    with pytest.raises(AnnotationError, match=rf'{name}\.txt: expected 3 boxes, one per line, found 2'):
        evaluate_folders(benchmark, truth, pred)


@pytest.mark.parametrize('benchmark', PROTOCOLS)
def test_a_test_set_says_where_its_scores_come_from(tmp_path, benchmark):
    truth = write_truth(tmp_path / 'gt', benchmark, [boxes([10])])
    name = NAMES[benchmark][0]
    (truth / name / 'cover.label').unlink(missing_ok=True)
    pred = write_results(tmp_path / 'pred', benchmark, [boxes([10, 10])])
    with pytest.raises(
        AnnotationError, match=f"{name} has only the first box.*benchmark's server.*make_submission"
    ):
        evaluate_folders(benchmark, truth, pred)


@pytest.mark.parametrize('benchmark', PROTOCOLS)
def test_a_missing_prediction_names_the_sequence(tmp_path, benchmark):
    truth = write_truth(tmp_path / 'gt', benchmark, GTS)
    pred = write_results(tmp_path / 'pred', benchmark, PREDS[:2])
    name = NAMES[benchmark][2]
    with pytest.raises(
        AnnotationError, match=rf'{pred}: no prediction of sequence {name}; expected {name}\.txt'
    ):
        evaluate_folders(benchmark, truth, pred)
    with pytest.raises(AnnotationError, match='nowhere: no such folder of predictions'):
        evaluate_folders(benchmark, truth, tmp_path / 'nowhere')


@pytest.mark.parametrize('benchmark', PROTOCOLS)
def test_an_unknown_sequence_in_the_image_set_is_named(tmp_path, benchmark):
    truth = write_truth(tmp_path / 'gt', benchmark, [boxes([10, 10])])
    pred = write_results(tmp_path / 'pred', benchmark, [boxes([10, 10])])
    (tmp_path / 'set.txt').write_text(f'{NAMES[benchmark][0]}\nunknown-3\n')
    with pytest.raises(AnnotationError, match=r'unknown-3(/groundtruth)?\.txt: annotation file not found'):
        evaluate_folders(benchmark, truth, pred, tmp_path / 'set.txt')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(AnnotationError, match='empty'):
        evaluate_folders(benchmark, tmp_path / 'empty', pred)


def test_nan_in_a_prediction_names_the_sequence_of_got10k_and_is_a_miss_elsewhere(tmp_path):
    gts, preds = [boxes([10] * 4)] * 2, [boxes([10] * 4), boxes([10] * 4)]
    preds[1][2] = np.nan
    for benchmark in PROTOCOLS:
        truth = write_truth(tmp_path / benchmark / 'gt', benchmark, gts)
        pred = write_results(tmp_path / benchmark / 'pred', benchmark, preds)
        if benchmark == 'got10k':
            with pytest.raises(AnnotationError, match='GOT-10k_Val_000002.*frame 2: expected numbers'):
                evaluate_folders(benchmark, truth, pred)
        else:
            scores = evaluate_folders(benchmark, truth, pred)
            of_videos = [scores.per_object[name][1] for name in NAMES[benchmark][:2]]
            assert [v['OP50'] for v in of_videos] == [1, 0.75]
            assert [v['Norm-Precision'] for v in of_videos] == [1, 0.75]


def test_a_video_without_any_frame_to_score_is_named(tmp_path):
    for benchmark in ('got10k', 'lasot'):
        hidden = [np.full(3, 8), np.zeros(3, int)]
        truth = write_truth(tmp_path / benchmark / 'gt', benchmark, [boxes([10] * 3)] * 2, hidden)
        pred = write_results(tmp_path / benchmark / 'pred', benchmark, [boxes([10] * 3)] * 2)
        with pytest.raises(AnnotationError, match=f'video {NAMES[benchmark][1]}: '):
            evaluate_folders(benchmark, truth, pred)


def test_unknown_options_are_refused_before_anything_is_read():
    for config in (dict(type='lasot', compat='otb'), dict(type='got10k', compat='pytracking')):
        with pytest.raises(ConfigError, match='compat'):
            VOSMetric(config)
