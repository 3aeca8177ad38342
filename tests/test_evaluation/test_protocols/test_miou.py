"""SegTrack v2 and YouTube-Objects: separate problems, J alone, and classes."""

import pytest
from protocol_data import comparable, score_both, score_folders, score_metric, stripes

from vosplug.errors import AnnotationError

PROTOCOLS = ('segtrack_v2', 'youtube_objects')
SHOWN = stripes({1: (4, 8)})
HALF = stripes({1: (4, 6)})


def clip(*js):
    """A frame of each J given (0, 1/2 or 1), behind the one that gives the object."""
    pred = {0: stripes(), 0.5: HALF, 1: SHOWN}
    return [SHOWN] * (1 + len(js)), [stripes(), *(pred[j] for j in js)]


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_only_the_first_frame_is_left_out(tmp_path, protocol):
    scores = score_both(tmp_path, protocol, {'bird': clip(1, 1, 0.5)})
    assert scores.per_frame['bird'][1] == {'frames': ['00001', '00002', '00003'], 'J': [1, 1, 0.5]}
    assert scores.overall['mIoU'] == pytest.approx(2.5 / 3)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_an_object_that_enters_late_counts_from_the_frame_after(tmp_path, protocol):
    gt = [SHOWN, stripes({1: (4, 8), 2: (12, 16)}), stripes({1: (4, 8), 2: (12, 16)})]
    pred = [stripes(), SHOWN, stripes({1: (4, 8), 2: (12, 14)})]
    scores = score_both(tmp_path, protocol, {'bird': (gt, pred)})
    assert scores.per_frame['bird'][2] == {'frames': ['00002'], 'J': [0.5]}
    assert scores.overall['mIoU'] == 0.75


def keys_of(report):
    for key, value in report.items():
        yield key
        if isinstance(value, dict):
            yield from keys_of(value)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_there_is_no_contour_in_any_report(tmp_path, protocol):
    scores = score_both(tmp_path, protocol, {'bird': clip(1, 0.5)})
    found = {*keys_of(scores.report()), *keys_of(scores.frame_report())}
    assert {'mIoU', 'J', 'J-Mean', 'J-Recall', 'J-Decay'} <= found
    assert not {name for name in found if 'F' in name}
    scores.write_csv(tmp_path / 'csv')
    assert 'F-' not in ''.join(path.read_text() for path in (tmp_path / 'csv').iterdir())
    assert 'mIoU' in scores.table() and 'F-' not in scores.table()


def test_instances_are_separate_problems_however_they_are_stored(tmp_path):
    """SegTrack v2 holds a folder of black and white masks per instance; ids in one mask are the same."""
    gt = [stripes({1: (4, 8), 2: (12, 16)})] * 3
    pred = [stripes({1: (4, 8), 2: (12, 14)})] * 3
    whole = score_both(tmp_path / 'whole', 'segtrack_v2', {'bmx': (gt, pred), 'bird': clip(1, 0)})
    videos = {
        f'bmx/{i}': ([(m == i).astype('uint8') for m in gt], [(m == i).astype('uint8') for m in pred])
        for i in (1, 2)
    }
    nested = score_both(tmp_path / 'nested', 'segtrack_v2', {'bird': clip(1, 0), **videos})
    assert [*nested.per_object] == ['bird', 'bmx/1', 'bmx/2']
    assert nested.overall == whole.overall
    # three problems: not the mean of two sequences
    assert whole.overall['mIoU'] == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert {name: objects[1] for name, objects in nested.per_object.items()} == {
        'bird': whole.per_object['bird'][1],
        'bmx/1': whole.per_object['bmx'][1],
        'bmx/2': whole.per_object['bmx'][2],
    }


@pytest.mark.parametrize('pattern', ['{}/{:04d}', '{}_{:04d}', '{}{:04d}'])
def test_objects_and_classes_weigh_differently(tmp_path, pattern):
    name = pattern.format
    videos = {
        name('aeroplane', 1): clip(1, 1),
        name('aeroplane', 2): clip(1, 0.5),
        name('aeroplane', 12): clip(0.5, 0.5),
        name('cat', 1): clip(0, 0),
    }
    scores = score_both(tmp_path, 'youtube_objects', videos)
    assert scores.details['per_class'] == {'aeroplane': pytest.approx(0.75), 'cat': 0}
    assert scores.overall['mIoU'] == scores.overall['J-Mean'] == pytest.approx(2.25 / 4)
    assert scores.overall['mIoU-Classes'] == pytest.approx(0.75 / 2)


def test_objects_of_a_video_weigh_the_same_in_their_class(tmp_path):
    two = stripes({1: (4, 8), 2: (12, 16)})
    videos = {'dog_1': ([two] * 2, [SHOWN] * 2), 'dog_2': clip(1)}
    assert score_both(tmp_path, 'youtube_objects', videos).details['per_class'] == {
        'dog': pytest.approx(2 / 3)
    }


def test_known_categories_go_before_names():
    two = stripes({1: (4, 8), 2: (12, 16)})
    videos = {'a1': ([two] * 2, [SHOWN] * 2), 'a2': clip(0.5), 'a3': clip(0)}
    scores = score_metric('youtube_objects', videos, {'a1': {1: 'cow', 2: 'dog'}, 'a2': {1: 'cow'}})
    assert scores.details['per_class'] == {'a': 0, 'cow': 0.75, 'dog': 0}
    assert scores.overall['mIoU-Classes'] == pytest.approx(0.75 / 3)
    assert scores.overall['mIoU'] == pytest.approx(1.5 / 4)


def test_both_benchmarks_agree_but_for_the_classes(tmp_path):
    videos = {'cat1': clip(1, 0.5), 'dog1': clip(0)}
    segtrack, youtube = (score_folders(tmp_path / name, name, videos) for name in PROTOCOLS)
    assert youtube.overall.keys() - segtrack.overall.keys() == {'mIoU-Classes'}
    assert {name: youtube.overall[name] for name in segtrack.overall} == segtrack.overall
    assert comparable(segtrack) != comparable(youtube)


def test_a_video_without_a_class_is_named(tmp_path):
    videos = {'0001': ([stripes({1: (4, 8)})] * 3, [stripes({1: (4, 8)})] * 3)}
    with pytest.raises(AnnotationError, match='video 0001: no class'):
        score_folders(tmp_path, 'youtube_objects', videos)
