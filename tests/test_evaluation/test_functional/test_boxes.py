"""Tracking scores equal the GOT-10k toolkit's and pytracking's (tests/data/goldens/box_metrics)."""

import json
from pathlib import Path

import numpy as np
import pytest

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.functional import (
    box_iou,
    boxes_from_masks,
    centre_error,
    got10k_scores,
    normalised_centre_error,
    success_curve,
    tracking_scores,
)

GOLDENS = Path(__file__).parents[2] / 'data' / 'goldens'
GOLDEN = json.loads((GOLDENS / 'box_metrics.json').read_text())['results']
ARRAYS = dict(np.load(GOLDENS / 'box_metrics.npz'))
GTS, PREDS, COVERS = ([ARRAYS[f'seq{i}_{kind}'] for i in range(3)] for kind in ('gt', 'pr', 'cover'))
EXACT = dict(rel=0, abs=1e-12)


def changed(frame: int, value: float) -> list[np.ndarray]:
    gts = [gt.copy() for gt in GTS]
    for gt in gts:
        gt[frame] = value
    return gts


def test_primitives_equal_the_toolkit():
    a, b = ARRAYS['prim_a'], ARRAYS['prim_b']
    assert box_iou(a, b) == pytest.approx(ARRAYS['prim_iou'], **EXACT)
    assert box_iou(a, b, (160, 120)) == pytest.approx(ARRAYS['prim_iou_bound'], **EXACT)
    assert centre_error(a, b) == pytest.approx(ARRAYS['prim_ce'], **EXACT)
    assert normalised_centre_error(a, b) == pytest.approx(ARRAYS['prim_nce'], **EXACT)


def test_got10k_equals_the_toolkit():
    golden = GOLDEN['got10k']
    found = got10k_scores(PREDS, GTS, [(320, 240)] * 3, COVERS)
    assert found.ao == pytest.approx(golden['ao'], **EXACT)
    assert found.sr(0.5) == pytest.approx(golden['sr050'], **EXACT)
    assert found.sr(0.75) == pytest.approx(golden['sr075_from_curve'], **EXACT)
    assert found.success_curve == pytest.approx(golden['succ_curve'], **EXACT)
    for i, cover in enumerate(COVERS):
        one = got10k_scores(PREDS[i : i + 1], GTS[i : i + 1], [(320, 240)], [cover])
        assert (one.ao, one.sr(0.5)) == pytest.approx(tuple(golden['seq_wise'][f'seq{i}'].values()), **EXACT)


@pytest.mark.parametrize(
    'case, gts', [('otb', GTS), ('lasot_got10ktoolkit_nan_frame7', changed(7, np.nan))], ids=['otb', 'lasot']
)
def test_otb_and_lasot_equal_the_toolkit(case, gts):
    parts = {'overall': slice(0, 3), 'seq0': slice(0, 1), 'seq1': slice(1, 2), 'seq2': slice(2, 3)}
    for name, part in parts.items():
        golden = GOLDEN[case]['overall'] if name == 'overall' else GOLDEN[case]['seq_wise'][name]
        found = tracking_scores(PREDS[part], gts[part])
        assert found.success_curve == pytest.approx(golden['success_curve'], **EXACT)
        assert found.precision_curve == pytest.approx(golden['precision_curve'], **EXACT)
        assert found.auc == pytest.approx(golden['success_score'], **EXACT)
        assert found.precision == pytest.approx(golden['precision_score'], **EXACT)
        assert found.op50 == pytest.approx(golden['success_rate'], **EXACT)
        if 'normalized_precision_curve' in golden:
            assert found.normalised_precision_curve == pytest.approx(
                golden['normalized_precision_curve'], **EXACT
            )
            assert found.normalised_precision_auc == pytest.approx(
                golden['normalized_precision_score'], **EXACT
            )


@pytest.mark.parametrize(
    'case, compat',
    [
        ('otb', 'pytracking'),
        ('lasot_visible', 'pytracking-lasot'),
        ('zero_gt_frame11', 'pytracking'),
        ('zero_gt_frame11_excl', 'pytracking-exclude-invalid'),
        ('uav_zero_gt', 'pytracking-uav'),
    ],
)
def test_compat_equals_pytracking(case, compat):
    golden = GOLDEN[f'pytracking_{case}']
    gts = changed(11, 0) if 'zero_gt' in case else GTS
    visible = [cover > 2 for cover in COVERS] if 'visible' in case else None
    found = tracking_scores(PREDS, gts, visible, compat)
    assert found.success_curve * 100 == pytest.approx(golden['success_curve'], rel=1e-6)
    assert found.precision_curve * 100 == pytest.approx(golden['precision_curve'], rel=1e-6)
    assert found.normalised_precision_curve * 100 == pytest.approx(golden['norm_precision_curve'], rel=1e-6)
    for ours, theirs in {
        found.auc: 'AUC',
        found.op50: 'OP50',
        found.op75: 'OP75',
        found.precision: 'Precision',
        found.normalised_precision: 'NormPrecision',
    }.items():
        assert ours * 100 == pytest.approx(golden[theirs], rel=1e-6)


def test_frames_without_a_true_box_do_not_count_by_default():
    dropped = tracking_scores([np.delete(p, 11, 0) for p in PREDS], [np.delete(g, 11, 0) for g in GTS])
    for value in (0, np.nan):
        found = tracking_scores(PREDS, changed(11, value))
        assert all(np.array_equal(a, b) for a, b in zip(found, dropped, strict=True))


def test_a_missing_prediction_is_missed():
    gt = np.tile([10.0, 10, 20, 20], (4, 1))
    pred = gt.copy()
    pred[2] = np.nan
    found = tracking_scores([pred], [gt])
    assert (found.op50, found.precision, found.normalised_precision) == (0.75, 0.75, 0.75)


def test_the_first_prediction_counts_as_the_ground_truth_it_started_from():
    gt = np.tile([10.0, 10, 20, 20], (4, 1))
    assert tracking_scores([gt + 100], [gt]).op50 == 0.25


def test_boxes_from_masks_cover_the_extreme_points():
    masks = np.zeros((4, 8, 10), np.uint8)
    masks[0, 2, 3] = 1  # a single pixel
    masks[1, 1, 9] = masks[1, 7, 0] = 7  # two corners
    masks[2] = 1
    assert boxes_from_masks(masks).tolist() == [[3, 2, 1, 1], [0, 1, 10, 7], [0, 0, 10, 8], [0, 0, 0, 0]]


def test_success_is_strict():
    assert success_curve([0.5, 1.0], np.array([0, 0.5, 1])).tolist() == [1, 0.5, 0]


def test_empty_boxes_do_not_overlap():
    assert box_iou([1, 1, 0, 0], [1, 1, 0, 0]) == 0


def test_wrong_input_is_named():
    with pytest.raises(AnnotationError, match=r'sequence 1: .*\(74, 4\)'):
        tracking_scores([PREDS[0], PREDS[1][1:]], GTS[:2])
    with pytest.raises(AnnotationError, match='sequence 0: none of its 3 frames'):
        tracking_scores([np.ones((3, 4))], [np.zeros((3, 4))])
    with pytest.raises(AnnotationError, match='sequence 0, frame 5'):
        got10k_scores(PREDS, changed(5, np.nan), [(320, 240)] * 3)
    with pytest.raises(AnnotationError, match='1 predictions'):
        tracking_scores(PREDS[:1], GTS)
    with pytest.raises(AnnotationError, match='float64'):
        boxes_from_masks(np.zeros((2, 4, 4)))
    with pytest.raises(ConfigError, match="'otb'"):
        tracking_scores(PREDS, GTS, compat='otb')


def test_a_vanished_object_overlaps_nothing_but_in_pytracking_is_where_it_was():
    gt = np.array([[10, 10, 8, 8]] * 4, float)
    pred = gt.copy()
    pred[[1, 2]] = 0
    assert tracking_scores([pred], [gt]).success_curve[10] == 0.5
    assert tracking_scores([pred], [gt], compat='pytracking').success_curve[10] == 1
    gt[1] = np.nan  # no box of UAV123: pytracking leaves the prediction, and the next one follows it
    assert tracking_scores([pred], [gt], compat='pytracking').success_curve[10] == 0.75
    assert tracking_scores([pred], [gt], compat='pytracking-uav').success_curve[10] == 0.5
    assert got10k_scores([pred], [gt], [(64, 48)], [np.array([8, 0, 8, 8])]).ao == pytest.approx(0.5)
