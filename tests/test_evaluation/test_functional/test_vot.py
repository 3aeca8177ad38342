"""VOT2020 short-term scores equal the VOT toolkit's (tests/data/goldens/vot)."""

import json
from pathlib import Path

import numpy as np
import pytest

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.functional import (
    VOTRun,
    anchor_frames,
    eao_curve,
    eao_of_overlaps,
    tracked_frames,
    vot2020_scores,
    vot_run,
    vot_sequence_scores,
)

GOLDENS = Path(__file__).parents[2] / 'data' / 'goldens'
CASE = json.loads((GOLDENS / 'vot.json').read_text())
GOLDEN = CASE['results']
ARRAYS = dict(np.load(GOLDENS / 'vot.npz'))
EXACT = dict(rel=0, abs=1e-12)


def masks(name: str, length: int) -> np.ndarray:
    width, height = CASE['image']
    return np.unpackbits(ARRAYS[name], count=length * height * width).reshape(length, height, width)


def runs(sequence: int) -> dict[int, VOTRun]:
    length = CASE['sizes'][sequence]
    gt = masks(f'vseq{sequence}_gt', length)
    return {
        anchor: vot_run(masks(f'vseq{sequence}_run{anchor}', len(frames)), gt[frames])
        for anchor, frames in anchor_frames(ARRAYS[f'vseq{sequence}_anchors'], length).items()
    }


def run(*overlaps: float) -> VOTRun:
    return VOTRun(np.array(overlaps), np.zeros(len(overlaps), bool))


@pytest.fixture(scope='module')
def sequences() -> list[dict[int, VOTRun]]:
    return [runs(i) for i in range(3)]


def test_overlaps_of_masks_equal_the_toolkit(sequences):
    for i, by_anchor in enumerate(sequences):
        assert len(by_anchor) == np.count_nonzero(ARRAYS[f'vseq{i}_anchors'])
        for anchor, found in by_anchor.items():
            assert found.overlaps == pytest.approx(ARRAYS[f'vseq{i}_run{anchor}_overlaps'], **EXACT)


def test_accuracy_and_robustness_equal_the_toolkit(sequences):
    for i, by_anchor in enumerate(sequences):
        found = vot_sequence_scores(list(by_anchor.values()))
        assert found == pytest.approx(GOLDEN['accuracy_robustness'][f'vseq{i}'][:3], **EXACT)


@pytest.mark.parametrize('interval', [(10, 40), (5, 70), (115, 755)])
def test_eao_equals_the_toolkit(sequences, interval):
    golden = GOLDEN['eao']['{}_{}'.format(*interval)]
    found = vot2020_scores([list(s.values()) for s in sequences], CASE['sizes'], interval)
    assert found.accuracy == pytest.approx(GOLDEN['average']['accuracy'], **EXACT)
    assert found.robustness == pytest.approx(GOLDEN['average']['robustness'], **EXACT)
    assert found.eao == pytest.approx(golden['score'], **EXACT)
    if golden['curve'] is not None:
        assert found.eao_curve == pytest.approx(golden['curve'], **EXACT)


def test_eao_of_long_runs_equals_the_toolkit():
    overlaps = [ARRAYS[f'eao_ov{i}'] for i in range(5)]
    curve, count = eao_of_overlaps(overlaps, [not s for s in GOLDEN['eao_partial_success_flags']], 755)
    assert curve == pytest.approx(ARRAYS['eao_phi'], **EXACT)
    assert count.tolist() == ARRAYS['eao_active'].tolist()
    assert curve[115:].mean() == pytest.approx(GOLDEN['eao_partial_mean_115_755'], **EXACT)


def test_runs_go_from_the_anchor_to_the_end_or_back_to_the_start():
    found = anchor_frames([-1, 1, 0, -1], 4)
    assert {a: f.tolist() for a, f in found.items()} == {1: [1, 2, 3], 0: [0], 3: [3, 2, 1, 0]}
    assert list(found) == [1, 0, 3]


def test_a_failure_is_ten_misses_in_a_row():
    assert tracked_frames(run(1, *[0.1] * 9, 0.2, *[0.1] * 9)) == 20
    assert tracked_frames(run(1, 0.1, 0.2, *[0.1] * 10, 1)) == 3


def test_a_frame_without_the_object_ends_a_series_of_misses():
    missed = run(1, *[0.0] * 15)
    assert tracked_frames(missed) == 1
    missed.gt_empty[8] = True
    assert tracked_frames(missed) == 16


def test_overlaps_of_empty_masks():
    block, nothing = np.ones((1, 4, 4), bool), np.zeros((1, 4, 4), bool)
    found = [vot_run(p, g) for p, g in [(nothing, nothing), (block, nothing), (nothing, block)]]
    assert [r.overlaps[0] for r in found] == [1, 0, 0]
    assert [r.gt_empty[0] for r in found] == [True, True, False]


@pytest.mark.parametrize(
    'pred, gt, overlap, gt_empty',
    [
        ([(2, 3)], [(2, 3)], 1, True),
        ([(2, 1), (2, 2)], [(2, 5), (2, 6)], 1, True),  # all in one row
        ([(2, 1), (2, 2)], [(3, 1), (3, 2)], 0, True),
        ([(1, 2), (2, 2)], [(4, 2), (5, 2)], 1, True),  # all in one column
        ([(2, 1), (2, 2)], [(2, 1), (2, 2), (3, 1), (3, 2)], 0.5, False),
        ([], [(2, 3)], 0, True),
        ([], [(0, 3), (0, 4)], 1, True),  # no pixels count as the one in the corner
        ([(0, 0)], [], 1, True),
    ],
)
def test_thin_masks_equal_the_toolkit(pred, gt, overlap, gt_empty):
    stacks = np.zeros((2, 1, 6, 8), np.uint8)
    for stack, pixels in zip(stacks, (pred, gt), strict=True):
        for row, col in pixels:
            stack[0, row, col] = 1
    found = vot_run(*stacks)
    assert (found.overlaps.tolist(), found.gt_empty.tolist()) == ([overlap], [gt_empty])


def test_missed_thin_objects_are_no_failure():
    pred, gt = np.zeros((2, 20, 6, 8), np.uint8)
    pred[:, :2, :2] = 1
    gt[:, 5, 4:8] = 1
    assert tracked_frames(vot_run(pred, gt)) == 20
    gt[:, 4, 4:8] = 1
    assert tracked_frames(vot_run(pred, gt)) == 0


def test_only_failed_runs_reach_beyond_their_length():
    curve, count = eao_curve([run(1, 0.5, 0.7)], 5)
    assert curve == pytest.approx([0, 0.5, 0.6, 0, 0]) and count.tolist() == [0, 1, 1, 0, 0]
    curve, count = eao_curve([run(1, 0.6, *[0] * 10)], 14)
    assert curve[[1, 2, 11, 12, 13]] == pytest.approx([0.6, 0.3, 0.6 / 11, 0.6 / 11, 0.6 / 12])
    assert count.tolist() == [0] + [1] * 13


def test_a_run_that_fails_at_once_scores_nothing():
    assert vot_sequence_scores([run(*[0.0] * 12)]) == (0, 0, 0)


def test_wrong_input_is_named():
    with pytest.raises(AnnotationError, match='expected 3 values'):
        anchor_frames([1, 0], 3)
    with pytest.raises(AnnotationError, match=r'\(1, 2, 3\).*\(1, 3, 2\)'):
        vot_run(np.zeros((1, 2, 3), bool), np.zeros((1, 3, 2), bool))
    with pytest.raises(AnnotationError, match='found none'):
        vot_sequence_scores([])
    with pytest.raises(AnnotationError, match='run 1'):
        vot_sequence_scores([run(1, 1), run(1, np.nan)])
    with pytest.raises(AnnotationError, match='1 sequences and 2 lengths'):
        vot2020_scores([[run(1, 1)]], [2, 3])
    with pytest.raises(ConfigError, match=r'\(40, 10\)'):
        vot2020_scores([[run(1, 1)]], [2], (40, 10))
