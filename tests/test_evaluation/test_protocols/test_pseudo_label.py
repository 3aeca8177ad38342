"""Quality of pseudo-labels: which masks count, recall, and manual masks."""

import json

import pytest
from protocol_data import score_both, score_folders, score_metric, stripes

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation import build_protocol

SHOWN = stripes({1: (4, 8)})
HALF = stripes({1: (4, 6)})
NOTHING = stripes()


def test_only_masks_of_present_objects_count(tmp_path):
    """Neither an empty label of an absent object nor a wrong one changes anything."""
    gt = [SHOWN, SHOWN, NOTHING, NOTHING, SHOWN]
    pred = [SHOWN, HALF, NOTHING, SHOWN, stripes({1: (4, 7)})]
    scores = score_both(tmp_path, 'pseudo_label', {'clip': (gt, pred)})
    assert scores.per_frame['clip'][1] == {'frames': ['00000', '00001', '00004'], 'J': [1, 0.5, 0.75]}
    expected = {'J-Mean': 0.75, 'Recall@50': 1, 'Recall@70': 2 / 3, 'Masks': 3, 'Annotated-Masks': 0}
    assert scores.overall == pytest.approx(expected)
    assert scores.per_object['clip'][1] == pytest.approx(expected)


def test_first_and_last_frame_count_and_so_does_where_an_object_enters(tmp_path):
    late = stripes({1: (4, 8), 2: (12, 16)})
    scores = score_both(
        tmp_path, 'pseudo_label', {'clip': ([SHOWN, late], [NOTHING, stripes({1: (4, 8), 2: (12, 14)})])}
    )
    assert scores.per_frame['clip'] == {
        1: {'frames': ['00000', '00001'], 'J': [0, 1]},
        2: {'frames': ['00001'], 'J': [0.5]},
    }


def test_one_annotated_frame_is_enough(tmp_path):
    assert score_both(tmp_path, 'pseudo_label', {'clip': ([SHOWN], [HALF])}).overall['J-Mean'] == 0.5
    scores = score_metric('pseudo_label', {'clip': ([None, SHOWN, None], [NOTHING, HALF, NOTHING])})
    assert scores.per_frame['clip'][1] == {'frames': ['00001'], 'J': [0.5]}


def test_all_masks_weigh_the_same(tmp_path):
    """Not the mean of objects (0.5) nor that of videos."""
    videos = {'long': ([SHOWN] * 3, [SHOWN] * 3), 'short': ([SHOWN], [NOTHING])}
    scores = score_both(tmp_path, 'pseudo_label', videos)
    assert scores.overall['J-Mean'] == scores.overall['Recall@50'] == 0.75
    assert scores.overall['Masks'] == 4 and scores.per_object['long'][1]['Masks'] == 3


@pytest.mark.parametrize('stop, reached', [(11, []), (12, [50]), (13, [50]), (14, [50, 70]), (17, [50, 70])])
def test_a_mask_of_exactly_the_threshold_reaches_it(tmp_path, stop, reached):
    """Of ten columns, 5 and 7 are the default thresholds; J here is (stop - 7) / 10."""
    videos = {'clip': ([stripes({1: (7, 17)})], [stripes({1: (7, stop)})])}
    scores = score_both(tmp_path, 'pseudo_label', videos)
    assert scores.overall['J-Mean'] == (stop - 7) / 10
    assert [t for t in (50, 70) if scores.overall[f'Recall@{t}'] == 1] == reached
    assert sum(scores.overall[f'Recall@{t}'] for t in (50, 70)) == len(reached)


def test_thresholds_can_be_set(tmp_path):
    protocol = dict(type='pseudo_label', thresholds=(0.25, 0.755, 1))
    scores = score_both(tmp_path, protocol, {'clip': ([SHOWN] * 2, [SHOWN, stripes({1: (4, 7)})])})
    recall = {name: value for name, value in scores.overall.items() if name.startswith('Recall')}
    assert recall == {'Recall@25': 1, 'Recall@75.5': 0.5, 'Recall@100': 0.5}


def test_a_threshold_in_percent_is_refused():
    with pytest.raises(ConfigError, match=r'thresholds: found \(50, 70\), expected a list'):
        score_metric(dict(type='pseudo_label', thresholds=(50, 70)), {'clip': ([SHOWN], [SHOWN])})


TWO = stripes({1: (4, 8), 20: (12, 16)})
BY_HAND = {'clip': {'1': ['00000', '00002'], '20': ['00001']}, 'another': {'1': ['00007']}}
WITH_TWO = {'clip': ([TWO, TWO, SHOWN], [TWO, SHOWN, SHOWN]), 'more': ([SHOWN], [SHOWN])}


@pytest.mark.parametrize('as_file', [False, True])
def test_manual_masks_are_counted_and_scored_like_the_others(tmp_path, as_file):
    path = tmp_path / 'manual.json'
    path.write_text(json.dumps(BY_HAND))
    manual = str(path) if as_file else BY_HAND
    scores = score_both(tmp_path / 'with', dict(type='pseudo_label', manual=manual), WITH_TWO)
    assert scores.overall['Annotated-Masks'] == 3 and scores.overall['Masks'] == 6
    counts = {i: s['Annotated-Masks'] for i, s in scores.per_object['clip'].items()}
    assert counts == {1: 2, 20: 1} and scores.per_object['more'][1]['Annotated-Masks'] == 0
    without = score_both(tmp_path / 'without', 'pseudo_label', WITH_TWO)
    assert scores.overall == {**without.overall, 'Annotated-Masks': 3}
    assert scores.overall['J-Mean'] == pytest.approx(5 / 6)


def test_ids_of_a_python_config_may_be_integers():
    manual = {'clip': {1: ['00000', '00002'], 20: ['00001']}}
    scores = score_metric(dict(type='pseudo_label', manual=manual), WITH_TWO)
    assert scores.overall['Annotated-Masks'] == 3


@pytest.mark.parametrize(
    'objects, cause',
    [
        ({'20': ['00001', '00002']}, r"object 20: frames \['00002'\]"),
        ({'1': ['00009']}, r"object 1: frames \['00009'\]"),
        ({'1': ['0']}, r"object 1: frames \['0'\]"),
        ({'3': ['00001']}, r"object 3: frames \['00001'\]"),
    ],
)
def test_a_manual_mask_of_an_absent_object_is_an_error(tmp_path, objects, cause):
    protocol = dict(type='pseudo_label', manual={'clip': objects})
    match = f'video clip, {cause} have manual masks'
    with pytest.raises(AnnotationError, match=match):
        score_metric(protocol, WITH_TWO)
    with pytest.raises(AnnotationError, match=match):
        score_folders(tmp_path, protocol, WITH_TWO)


@pytest.mark.parametrize('text', ['{"clip": ', '["clip"]', '{"clip": ["00000"]}', '{"clip": {"1": 3}}'])
def test_a_broken_list_of_manual_masks_is_named(tmp_path, text):
    path = tmp_path / 'manual.json'
    path.write_text(text)
    with pytest.raises(
        AnnotationError, match=f'^{path}: (not valid JSON|.*expected .*; the layout is .*frame name)'
    ):
        build_protocol(dict(type='pseudo_label', manual=str(path)))


def test_a_missing_list_of_manual_masks_is_named(tmp_path):
    for path in (tmp_path / 'manual.json', tmp_path):
        with pytest.raises(AnnotationError, match=f'^{path}: manual masks not found'):
            build_protocol(dict(type='pseudo_label', manual=path))


def test_void_of_the_ground_truth_does_not_count(tmp_path):
    gt = [stripes({1: (4, 8), 255: (8, 20)})]
    scores = score_both(tmp_path, 'pseudo_label', {'clip': (gt, [stripes({1: (4, 14)})])})
    assert scores.overall['J-Mean'] == 1 and [*scores.per_object['clip']] == [1]


def test_void_of_a_label_is_no_object(tmp_path):
    """Over the object it is a miss, beside it nothing."""
    over, beside = stripes({1: (4, 6), 255: (6, 8)}), stripes({1: (4, 8), 255: (8, 12)})
    scores = score_both(tmp_path, 'pseudo_label', {'clip': ([SHOWN] * 2, [over, beside])})
    assert scores.per_frame['clip'][1]['J'] == [0.5, 1]
    assert scores.overall['Masks'] == 2


def test_the_table_adds_up_masks(tmp_path):
    gt = [stripes({1: (4, 8), 2: (20, 24)}), stripes({1: (4, 8)})]
    table = score_folders(tmp_path, 'pseudo_label', {'clip': (gt, gt)}).table()
    row = next(line.split() for line in table.splitlines() if line.startswith('clip'))
    assert row == ['clip', '2', '100.0', '100.0', '100.0', '3', '0']
