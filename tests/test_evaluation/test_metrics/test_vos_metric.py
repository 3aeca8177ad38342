"""VOSMetric: parity on a folder, the contract with the test loop, and its errors."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from mmengine.evaluator import Evaluator
from mmengine.registry import DefaultScope

from vosplug.errors import AnnotationError, ConfigError, VOSError
from vosplug.evaluation import VOSMetric
from vosplug.evaluation.functional import jaccard
from vosplug.structures import ArrayAnnotation, ArraySource, FrameResult, ObjectPrompt, Prompts, VideoSample

GOLDENS = Path(__file__).parents[2] / 'data' / 'goldens'
OFFICIAL = json.loads((GOLDENS / 'davis_folder_small.json').read_text())['results']
COMPAT = dict(type='davis2017', compat='davis2017-evaluation')
NAMES = {
    'J-M': 'J-Mean',
    'J-R': 'J-Recall',
    'J-D': 'J-Decay',
    'F-M': 'F-Mean',
    'F-R': 'F-Recall',
    'F-D': 'F-Decay',
}


def video_of(gt, name='clip', prompts=None):
    gt = np.asarray(gt)
    source = ArraySource([np.zeros((*gt.shape[1:], 3), np.uint8)] * len(gt))
    prompts = prompts or Prompts.from_id_mask(gt[0])
    return VideoSample(name, source, prompts, ArrayAnnotation(gt), list(range(len(gt))))


def feed(metric, video, masks, frames=None):
    for t in range(len(masks)) if frames is None else frames:
        result = FrameResult(t, video.source.frame_names[t], masks[t], {})
        metric.process(None, [dict(video=video, result=result)])


def small_set():
    arrays = np.load(GOLDENS / 'davis_folder_small.npz')
    return {name: (arrays[f'{name}_gt'], arrays[f'{name}_pr']) for name in ('alpha', 'bravo', 'charlie')}


def moving_square(length=6, size=(40, 60)):
    masks = np.zeros((length, *size), np.uint8)
    for t, mask in enumerate(masks):
        mask[5:20, 5 + 2 * t : 20 + 2 * t] = 1
        mask[25:35, 40 - t : 50 - t] = 4
    return masks


@pytest.fixture(scope='module')
def scored_like_official():
    metric = VOSMetric(protocol=COMPAT)
    for name, (gt, pred) in small_set().items():
        feed(metric, video_of(gt, name), pred)
    return metric.evaluate(3), metric.scores.per_object


def test_global_scores_equal_the_official_ones(scored_like_official):
    assert scored_like_official[0] == pytest.approx(OFFICIAL['davis_semi']['global_'], rel=0, abs=1e-9)


@pytest.mark.parametrize('key', OFFICIAL['davis_semi']['per_object'])
def test_object_scores_equal_the_official_ones(scored_like_official, key):
    video, object_id = key.rsplit('_', 1)
    expected = {NAMES[k]: v for k, v in OFFICIAL['davis_semi']['per_object'][key].items()}
    assert scored_like_official[1][video][int(object_id)] == pytest.approx(expected, rel=0, abs=1e-9)


@pytest.mark.parametrize('name', ['alpha', 'bravo', 'charlie'])
def test_each_sequence_equals_the_official_one(name):
    gt, pred = small_set()[name]
    metric = VOSMetric(protocol=COMPAT)
    feed(metric, video_of(gt, name), pred)
    assert metric.evaluate(1) == pytest.approx(OFFICIAL['davis_semi_each'][name]['global_'], rel=0, abs=1e-9)


def test_by_default_void_does_not_count():
    gt = moving_square()
    gt[2, 5:10] = 255
    pred = np.where(gt == 255, 4, gt)
    found = {}
    for protocol in ('davis2017', COMPAT):
        metric = VOSMetric(protocol=protocol)
        feed(metric, video_of(gt), pred)
        metric.evaluate(1)
        found[str(protocol)] = metric.scores.per_object['clip'][4]['J-Mean']
    assert found['davis2017'] == 1 and found[str(COMPAT)] == pytest.approx((3 + 100 / 400) / 4)


def test_runs_from_a_config_in_an_evaluator_and_reports_all_keys():
    with DefaultScope.overwrite_default_scope('vosplug'):
        evaluator = Evaluator(dict(type='VOSMetric', protocol='davis2016'))
    masks = moving_square()
    for name in ('one', 'two'):
        video = video_of(masks, name)
        for t, mask in enumerate(masks):
            evaluator.process(data_samples=[dict(video=video, result=FrameResult(t, f'{t:05d}', mask, {}))])
    found = evaluator.evaluate(2)
    assert found == {
        'J&F-Mean': 1,
        'J-Mean': 1,
        'J-Recall': 1,
        'J-Decay': 0,
        'F-Mean': 1,
        'F-Recall': 1,
        'F-Decay': 0,
    }


def test_first_and_last_frame_are_left_out():
    gt = moving_square()
    pred = gt.copy()
    pred[0], pred[-1] = 0, 0
    metric = VOSMetric()
    feed(metric, video_of(gt), pred)
    assert metric.results[0]['frames'][1] == ['00001', '00002', '00003', '00004']
    assert metric.evaluate(1)['J-Mean'] == 1


def test_one_small_result_per_video_and_interleaved_videos():
    masks = moving_square()
    metric, one, two = VOSMetric(), video_of(masks, 'one'), video_of(masks, 'two')
    for t in range(len(masks)):
        feed(metric, one, masks, [t])
        feed(metric, two, masks, [t])
    assert [r['video'] for r in metric.results] == ['one', 'two']
    assert len(pickle.dumps(metric.results)) < 2000


def test_objects_weigh_the_same_whatever_the_video():
    gt = moving_square()
    single = np.where(gt == 1, gt, 0)
    metric = VOSMetric()
    feed(metric, video_of(gt, 'two objects'), np.where(gt == 1, gt, 0))
    feed(metric, video_of(single, 'one object'), np.zeros_like(single))
    assert metric.evaluate(2)['J-Mean'] == pytest.approx(1 / 3)
    assert {v: list(o) for v, o in metric.scores.per_object.items()} == {
        'two objects': [1, 4],
        'one object': [1],
    }


def test_an_object_counts_after_its_own_prompt():
    gt = moving_square()
    gt[:3][gt[:3] == 4] = 0
    late = Prompts({0: [ObjectPrompt(1, mask=gt[0] == 1)], 3: [ObjectPrompt(4, mask=gt[3] == 4)]})
    metric = VOSMetric()
    feed(metric, video_of(gt, prompts=late), gt)
    assert metric.results[0]['frames'] == {1: ['00001', '00002', '00003', '00004'], 4: ['00004']}


def test_unknown_predicted_ids_are_background_by_default_and_an_error_in_compat():
    gt = moving_square()
    pred = np.where(gt == 4, 9, gt)
    metric = VOSMetric()
    feed(metric, video_of(gt), pred)
    assert [metric.results[0]['J'][i][0] for i in (1, 4)] == [1, 0]
    with pytest.raises(AnnotationError, match='clip, frame 00001: predicted id 9.*highest id.*4'):
        feed(VOSMetric(protocol=COMPAT), video_of(gt), pred)


def test_ids_absent_in_between_are_perfect_only_in_compat():
    gt = moving_square()
    for protocol, ids in (('davis2017', [1, 4]), (COMPAT, [1, 2, 3, 4])):
        metric = VOSMetric(protocol=protocol)
        feed(metric, video_of(gt), np.zeros_like(gt))
        metric.evaluate(1)
        assert list(metric.scores.per_object['clip']) == ids
    assert [metric.scores.per_object['clip'][i]['J-Mean'] for i in ids] == [0, 1, 1, 0]


def test_davis2016_takes_all_ids_together():
    gt = moving_square()
    pred = np.roll(gt, 3, axis=2)
    metric = VOSMetric(protocol='davis2016')
    feed(metric, video_of(gt), pred)
    expected = [jaccard(p, g) for p, g in zip(pred[1:-1], gt[1:-1], strict=True)]
    assert metric.results[0]['J'] == {1: expected}


def test_out_file_holds_the_report(tmp_path):
    masks = moving_square(length=300)
    path = tmp_path / 'new' / 'scores.json'
    metric = VOSMetric(protocol=COMPAT, out_file=str(path))
    feed(metric, video_of(masks), masks)
    found = metric.evaluate(1)
    report = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert report['protocol'] == 'davis2017' and report['compat'] == 'davis2017-evaluation'
    assert report['global']['J-Mean'] == found['J-Mean'] == 1
    assert report['global']['J-Decay'] is None and np.isnan(found['J-Decay'])
    assert list(report['per_object']['clip']) == ['1', '2', '3', '4']
    assert [p.name for p in path.parent.iterdir()] == ['scores.json']


def test_the_table_is_logged_and_the_prefix_used(monkeypatch):
    logged = []
    monkeypatch.setattr(
        'vosplug.evaluation.metrics.vos_metric.print_log', lambda text, **_: logged.append(text)
    )
    masks = moving_square()
    metric = VOSMetric(prefix='val')
    feed(metric, video_of(masks, 'a-sequence'), masks)
    assert metric.evaluate(1)['val/J-Mean'] == 1
    rows = [line.split() for line in logged[0].splitlines()]
    assert rows[1][:4] == ['sequence', 'objects', 'J&F-Mean', 'J-Mean']
    assert [row[:4] for row in rows[2:]] == [
        ['a-sequence', '2', '100.0', '100.0'],
        ['all', '2', '100.0', '100.0'],
    ]


def test_another_size_names_video_and_frame():
    gt = moving_square()
    with pytest.raises(
        AnnotationError, match='clip, frame 00001: prediction is 30x20, ground truth is 60x40'
    ):
        feed(VOSMetric(), video_of(gt), np.zeros((6, 20, 30), np.uint8))
    with pytest.raises(AnnotationError, match='clip, frame 00001: expected a uint8'):
        feed(VOSMetric(), video_of(gt), gt.astype(np.int64))


def test_an_unfinished_video_is_an_error_and_leaves_nothing_behind():
    masks = moving_square()
    metric = VOSMetric()
    feed(metric, video_of(masks, 'whole'), masks)
    feed(metric, video_of(masks, 'cut'), masks, range(3))
    with pytest.raises(VOSError, match='cut ended at frame 2, its last one is 5'):
        metric.compute_metrics(metric.results)
    feed(metric, video_of(masks, 'whole'), masks)
    assert metric.evaluate(2)['J-Mean'] == 1


def test_a_skipped_frame_is_an_error():
    masks = moving_square()
    with pytest.raises(VOSError, match='clip: no result for 1 frames to score, the first is 3'):
        feed(VOSMetric(), video_of(masks), masks, [0, 1, 2, 4, 5])


@pytest.mark.parametrize('frames', [[0, 1, 1], [0, 2, 1]])
def test_frames_out_of_order_are_an_error(frames):
    masks = moving_square()
    with pytest.raises(VOSError, match='came after result'):
        feed(VOSMetric(), video_of(masks), masks, frames)


def test_two_videos_of_one_name_and_no_video_are_errors():
    masks = moving_square()
    metric = VOSMetric()
    feed(metric, video_of(masks), masks)
    feed(metric, video_of(masks), masks)
    with pytest.raises(VOSError, match=r"\['clip'\] were scored twice"):
        metric.evaluate(2)
    with pytest.raises(VOSError, match='no video'):
        VOSMetric().evaluate(0)


def test_missing_ground_truth_is_an_error():
    masks = moving_square()
    video = video_of(masks)
    video.annotation = ArrayAnnotation([*masks[:2], None, *masks[3:]])
    with pytest.raises(AnnotationError, match='clip, frame 00002: no ground-truth mask'):
        feed(VOSMetric(), video, masks)
    video.annotation = None
    with pytest.raises(AnnotationError, match='clip: no ground truth'):
        feed(VOSMetric(), video, masks)


def test_an_object_that_is_never_scored_is_an_error():
    gt = moving_square()
    late = Prompts({0: [ObjectPrompt(1, mask=gt[0] == 1)], 4: [ObjectPrompt(4, mask=gt[4] == 4)]})
    with pytest.raises(AnnotationError, match=r'clip: objects \[4\]'):
        feed(VOSMetric(), video_of(gt, prompts=late), gt)


def test_unknown_protocol_lists_the_known_ones():
    with pytest.raises(ConfigError, match="'davis2020'.*davis2016.*davis2017"):
        VOSMetric(protocol='davis2020')
