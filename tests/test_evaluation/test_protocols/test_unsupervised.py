"""Unsupervised DAVIS: official numbers, and a matching that does not see the ids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_data import (
    OFFICIAL,
    comparable,
    golden_videos,
    score_both,
    score_folders,
    score_metric,
    stripes,
)

from vosplug.errors import AnnotationError

PROTOCOL = 'davis2017_unsupervised'
LONG = {'M': 'Mean', 'R': 'Recall', 'D': 'Decay'}
SHOWN = stripes({1: (4, 8)})


def test_equals_the_official_numbers(tmp_path):
    scores = score_both(tmp_path, PROTOCOL, golden_videos())
    official = OFFICIAL['davis_unsup']
    assert scores.overall == pytest.approx(official['global_'], rel=0, abs=1e-9)
    found = {f'{name}_{i}': s for name, objects in scores.per_object.items() for i, s in objects.items()}
    assert found.keys() == official['per_object'].keys()
    for key, values in official['per_object'].items():
        expected = {f'{k[0]}-{LONG[k[2]]}': v for k, v in values.items()}
        assert found[key] == pytest.approx(expected, rel=0, abs=1e-9)


@given(st.permutations(range(1, 21)))
def test_permuted_ids_give_the_same_scores(new_ids):
    gt = [stripes({1: (4, 8), 2: (12, 20), 3: (28, 32)})] * 4
    pred = [stripes({1: (28, 31), 2: (4, 7 - t % 2), 3: (11 + t, 20), 4: (35, 37)}) for t in range(4)]
    renumbered = np.array([0, *new_ids], np.uint8)
    scores, same = (
        score_metric(PROTOCOL, {'clip': (gt, masks)}) for masks in (pred, [renumbered[mask] for mask in pred])
    )
    assert comparable(same) == comparable(scores)
    j = {i: s['J-Mean'] for i, s in scores.per_object['clip'].items()}
    assert j == pytest.approx({1: (3 / 4 + 2 / 4) / 2, 2: (8 / 9 + 8 / 8 + 7 / 8 + 6 / 8) / 4, 3: 3 / 4})


def test_the_matching_maximises_the_sum_over_objects(tmp_path):
    """Proposal 1 fits object 1 better than object 2, but object 2 has no other."""
    gt = [stripes({1: (2, 10), 2: (11, 15)})] * 3
    pred = [stripes({1: (3, 15), 2: (2, 3)})] * 3
    scores = score_both(tmp_path, PROTOCOL, {'clip': (gt, pred)})
    found = {i: (s['J-Mean'], s['F-Mean']) for i, s in scores.per_object['clip'].items()}
    assert found[1] == pytest.approx((1 / 8, 2 / 3))
    assert found[2] == pytest.approx((4 / 12, 1 / 2))


def test_the_matching_holds_for_the_whole_video(tmp_path):
    gt = [SHOWN] * 4
    pred = [SHOWN, SHOWN, stripes({2: (4, 8)}), SHOWN]
    scores = score_both(tmp_path, PROTOCOL, {'clip': (gt, pred)})
    assert scores.per_frame['clip'][1]['J'] == [1, 1, 0, 1]


def test_an_object_without_a_proposal_scores_as_against_nothing(tmp_path):
    both = stripes({1: (4, 8), 2: (12, 16)})
    gt = [both, both, both, stripes({2: (12, 16)})]
    pred = [stripes({7: (12, 16)})] * 4
    scores = score_both(tmp_path, PROTOCOL, {'clip': (gt, pred)})
    assert scores.per_frame['clip'][1]['J'] == scores.per_frame['clip'][1]['F'] == [0, 0, 0, 1]
    assert scores.per_object['clip'][2]['J-Mean'] == scores.per_object['clip'][2]['F-Mean'] == 1


def test_first_and_last_frame_count(tmp_path):
    scores = score_both(tmp_path, PROTOCOL, {'clip': ([SHOWN] * 4, [stripes(), SHOWN, SHOWN, stripes()])})
    assert scores.per_frame['clip'][1]['frames'] == ['00000', '00001', '00002', '00003']
    assert scores.overall['J-Mean'] == 0.5


def test_void_pixels_do_not_count(tmp_path):
    gt = [stripes({1: (4, 8), 255: (8, 12)})] * 3
    pred = [stripes({3: (4, 12)})] * 3
    assert score_both(tmp_path, PROTOCOL, {'clip': (gt, pred)}).overall['J&F-Mean'] == 1


def test_void_in_a_prediction_is_no_proposal(tmp_path):
    pred = [stripes({3: (4, 8), 255: (20, 24)})] * 3
    assert score_both(tmp_path, PROTOCOL, {'clip': ([SHOWN] * 3, pred)}).overall['J&F-Mean'] == 1


def test_twenty_proposals_are_the_most(tmp_path):
    gt = [SHOWN] * 4
    pred = [stripes({20: (4, 8)})] * 4
    assert score_both(tmp_path, PROTOCOL, {'clip': (gt, pred)}).overall['J-Mean'] == 1
    pred[2] = stripes({20: (4, 8), 21: (20, 24)})
    with pytest.raises(AnnotationError, match='clip, frame 00002: predicted id 21, expected at most 20'):
        score_metric(PROTOCOL, {'clip': (gt, pred)})
    path = tmp_path / 'more' / 'pred' / 'clip' / '00002.png'
    with pytest.raises(AnnotationError, match=f'^{path}: .*predicted id 21'):
        score_folders(tmp_path / 'more', PROTOCOL, {'clip': (gt, pred)})


def test_objects_are_those_of_the_first_frame_and_ids_in_between_are_objects_too(tmp_path):
    gt = [stripes({3: (4, 8)}), stripes({3: (4, 8), 5: (12, 16)})]
    scores = score_both(tmp_path, PROTOCOL, {'clip': (gt, [stripes({1: (4, 8)})] * 2)})
    assert {i: s['J-Mean'] for i, s in scores.per_object['clip'].items()} == {1: 1, 2: 1, 3: 1}
