"""vos-benchmark's numbers, and its idea of which objects count from when on."""

import pytest
from protocol_data import OFFICIAL, golden_videos, score_both, score_folders, score_metric, stripes

from vosplug.errors import AnnotationError

SHOWN = stripes({1: (4, 8)})
HALF = stripes({1: (4, 6)})


@pytest.mark.parametrize('skip_ends, case', [(True, 'vos_benchmark'), (False, 'vos_benchmark_all_frames')])
def test_equals_the_official_numbers(tmp_path, skip_ends, case):
    official = OFFICIAL[case]
    scores = score_both(tmp_path, dict(type='vos_benchmark', skip_ends=skip_ends), golden_videos())
    expected = {
        'J&F-Mean': official['JF'] / 100,
        'J-Mean': official['J'] / 100,
        'F-Mean': official['F'] / 100,
    }
    assert scores.overall == pytest.approx(expected, rel=0, abs=1e-9)
    found = {name: {str(i): s for i, s in objects.items()} for name, objects in scores.per_object.items()}
    assert '255' in found['bravo']
    for name, objects in official['objects'].items():
        assert found[name].keys() == objects.keys()
        for i, (j, f) in objects.items():
            expected = {'J-Mean': j / 100, 'F-Mean': f / 100}
            assert found[name][i] == pytest.approx(expected, rel=0, abs=1e-9)


def test_the_ends_are_left_out_by_default(tmp_path):
    gt = [SHOWN] * 4
    pred = [stripes(), HALF, SHOWN, stripes()]
    assert score_both(tmp_path / 'inner', 'vos_benchmark', {'clip': (gt, pred)}).overall['J-Mean'] == 0.75
    protocol = dict(type='vos_benchmark', skip_ends=False)
    scores = score_both(tmp_path / 'all', protocol, {'clip': (gt, pred)})
    assert scores.overall['J-Mean'] == pytest.approx((0 + 0.5 + 1 + 0) / 4)
    assert scores.per_frame['clip'][1]['frames'] == ['00000', '00001', '00002', '00003']


@pytest.mark.parametrize(
    'predicted, frames, expected',
    [
        ([0, 0, 0, 3, 0], ['00003'], 1),
        ([0, 0, 3, 3, 0], ['00002', '00003'], 1 / 2),
        ([3, 0, 0, 3, 0], ['00003'], 1),
        ([0, 3, 0, 3, 0], ['00001', '00002', '00003'], 2 / 3),
    ],
)
def test_an_object_counts_from_where_truth_or_prediction_has_it(tmp_path, predicted, frames, expected):
    late = {1: (4, 8), 3: (12, 16)}
    gt = [SHOWN, SHOWN, SHOWN, stripes(late), stripes(late)]
    pred = [stripes(late) if i else SHOWN for i in predicted]
    scores = score_both(tmp_path, 'vos_benchmark', {'clip': (gt, pred)})
    assert scores.per_frame['clip'][3]['frames'] == frames
    assert scores.per_object['clip'][3]['J-Mean'] == pytest.approx(expected)
    assert scores.per_object['clip'][1]['J-Mean'] == 1


def test_ids_that_only_predictions_or_only_the_ends_have_are_dropped(tmp_path):
    gt = [stripes({1: (4, 8), 2: (12, 16)}), SHOWN, SHOWN, stripes({1: (4, 8), 3: (12, 16)})]
    pred = [stripes({1: (4, 8), 9: (12, 16)})] * 4
    scores = score_both(tmp_path, 'vos_benchmark', {'clip': (gt, pred)})
    assert scores.overall == {'J&F-Mean': 1, 'J-Mean': 1, 'F-Mean': 1}
    assert [*scores.per_object['clip']] == [*scores.per_frame['clip']] == [1]


def test_void_is_an_object(tmp_path):
    gt = [stripes({1: (4, 8), 255: (20, 24)})] * 3
    scores = score_both(tmp_path, 'vos_benchmark', {'clip': (gt, [stripes({1: (4, 8), 255: (20, 22)})] * 3)})
    assert scores.per_object['clip'] == {1: {'J-Mean': 1, 'F-Mean': 1}, 255: {'J-Mean': 0.5, 'F-Mean': 0.5}}


def test_two_frames_have_nothing_between_the_ends(tmp_path):
    videos = {'clip': ([SHOWN] * 2, [SHOWN] * 2)}
    for score in (lambda: score_folders(tmp_path, 'vos_benchmark', videos),
                  lambda: score_metric('vos_benchmark', videos)):  # fmt: skip
        with pytest.raises(AnnotationError, match='clip: nothing to score, its 2 frames.*vos_benchmark'):
            score()
