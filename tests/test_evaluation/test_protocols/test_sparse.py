"""Benchmarks with few annotated frames: what is looked at, late objects, and the split by category."""

import json
import math

import numpy as np
import pytest
from protocol_data import (
    comparable,
    score_both,
    score_folders,
    score_metric,
    stripes,
    video_of,
    write_masks,
)

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation import VOSMetric, build_protocol, evaluate_folders
from vosplug.evaluation.protocols.sparse import YTVOS_SEEN
from vosplug.structures import FrameResult, ObjectPrompt, Prompts

SHOWN = stripes({1: (4, 8)})
WRONG = stripes({1: (20, 24), 2: (26, 38)})
ECCV_UNSEEN = (
    'ant', 'bull riding', 'butterfly', 'chameleon', 'flag', 'jellyfish', 'kangaroo', 'penguin', 'slopestyle',
    'snail',
)  # fmt: skip


def every(step, masks):
    """Masks in every ``step``-th frame, None in between."""
    sparse = [None] * (step * (len(masks) - 1) + 1)
    sparse[::step] = masks
    return sparse


def write_meta(path, categories):
    videos = {
        name: {'objects': {str(i): {'category': c, 'frames': ['00000']} for i, c in objects.items()}}
        for name, objects in categories.items()
    }
    path.write_text(json.dumps({'videos': videos}))
    return str(path)


def score_ytvos(root, videos, categories, release='ytvos2018', **options):
    """Folders with a meta.json; checks that the metric finds the same with the videos' own categories."""
    root.mkdir(exist_ok=True)
    meta = write_meta(root / 'meta.json', categories)
    scores = score_folders(root, dict(type=release, meta=meta, **options), videos)
    assert comparable(score_metric(dict(type=release, **options), videos, categories)) == comparable(scores)
    return scores


# one object of each group: J of the seen one falls from 3/4 to 1/2, the unseen one is perfect in one of
# three frames; an object that is given later, and an empty prediction of it
GROUPS = {
    'seen': ([SHOWN] * 3, [WRONG, stripes({1: (4, 7)}), stripes({1: (4, 6)})]),
    'unseen': ([SHOWN] * 4, [WRONG, WRONG, SHOWN, WRONG]),
}
CATEGORIES = {'seen': {1: 'zebra'}, 'unseen': {1: 'ant'}}


@pytest.mark.parametrize('release', ['ytvos2018', 'ytvos2019'])
def test_g_is_the_mean_of_seen_and_unseen_j_and_f(tmp_path, release):
    scores = score_ytvos(tmp_path, GROUPS, CATEGORIES, release)
    assert scores.protocol == release
    expected = {
        'J-Seen': (3 / 4 + 1 / 2) / 2,
        'J-Unseen': 1 / 3,
        'F-Seen': (1 + 1 / 2) / 2,
        'F-Unseen': 1 / 3,
        'J-Recall-Seen': 1 / 2,
        'J-Recall-Unseen': 1 / 3,
        'F-Recall-Seen': 1 / 2,
        'F-Recall-Unseen': 1 / 3,
        # of two scores: first minus last; of three: the mean of the first two minus the last
        'J-Decay-Seen': 3 / 4 - 1 / 2,
        'J-Decay-Unseen': (0 + 1) / 2,
        'F-Decay-Seen': 1 - 1 / 2,
        'F-Decay-Unseen': (0 + 1) / 2,
    }
    assert {name: scores.overall[name] for name in expected} == pytest.approx(expected)
    assert scores.overall['G'] == pytest.approx((5 / 8 + 1 / 3 + 3 / 4 + 1 / 3) / 4)
    assert scores.overall['J-Mean'] == pytest.approx((5 / 8 + 1 / 3) / 2)
    assert scores.overall['F-Mean'] == pytest.approx((3 / 4 + 1 / 3) / 2)


def test_objects_of_a_group_weigh_the_same_whatever_the_video(tmp_path):
    two = stripes({1: (4, 8), 2: (12, 16)})
    videos = {**GROUPS, 'both': ([two] * 2, [two] * 2)}
    categories = {**CATEGORIES, 'both': {1: 'zebra', 2: 'cat'}}
    scores = score_ytvos(tmp_path, videos, categories)
    assert scores.overall['J-Seen'] == pytest.approx((5 / 8 + 1 + 1) / 3)


def test_the_categories_of_the_paper_can_be_set(tmp_path):
    """In the release penguin and snail are seen; the paper's ten unseen categories hold both."""
    gt, pred = stripes({1: (4, 8), 2: (12, 16), 3: (20, 24)}), stripes({1: (4, 8), 2: (12, 14)})
    videos = {'clip': ([gt] * 2, [pred] * 2)}
    categories = {'clip': {1: 'penguin', 2: 'others', 3: 'bull riding'}}
    release = score_ytvos(tmp_path / 'release', videos, categories)
    paper = score_ytvos(tmp_path / 'paper', videos, categories, unseen_categories=ECCV_UNSEEN)
    assert (release.overall['J-Seen'], release.overall['J-Unseen']) == (0.75, 0)
    assert (paper.overall['J-Seen'], paper.overall['J-Unseen']) == (0.5, 0.5)
    protocol = build_protocol(dict(type='ytvos2018', unseen_categories=ECCV_UNSEEN))
    assert not any(map(protocol.seen, ECCV_UNSEEN)) and len({*YTVOS_SEEN} & {*ECCV_UNSEEN}) == 2
    assert sum(map(protocol.seen, YTVOS_SEEN)) == 63


def test_65_categories_are_seen():
    assert len(YTVOS_SEEN) == len({*YTVOS_SEEN}) == 65
    assert [*YTVOS_SEEN] == sorted(YTVOS_SEEN)
    protocol = build_protocol('ytvos2019')
    assert all(map(protocol.seen, YTVOS_SEEN)) and not protocol.seen('ant')


def test_a_group_without_objects_has_no_score_and_neither_has_g(tmp_path):
    scores = score_ytvos(tmp_path, {'seen': GROUPS['seen']}, CATEGORIES)
    assert math.isnan(scores.overall['G'])
    for name in ('J-Unseen', 'F-Unseen', 'J-Recall-Unseen', 'F-Decay-Unseen'):
        assert math.isnan(scores.overall[name])
    assert scores.overall['J-Seen'] == scores.overall['J-Mean'] == 5 / 8


def test_no_score_is_null_in_json(tmp_path):
    out = tmp_path / 'scores.json'
    score_metric('ytvos2018', {'unseen': GROUPS['unseen']}, CATEGORIES, out)
    report = json.loads(out.read_text(), parse_constant=pytest.fail)
    assert report['global']['G'] is None and report['global']['J-Seen'] is None
    assert report['global']['J-Unseen'] == pytest.approx(1 / 3)


def test_a_late_object_counts_after_its_first_appearance(tmp_path):
    late = stripes({1: (4, 8), 7: (12, 16)})
    gt = every(5, [SHOWN, SHOWN, late, late, late])
    # where the object is not yet shown, and where it is given, no prediction hurts
    wrong = stripes({1: (4, 8), 7: (26, 38)})
    pred = [SHOWN] * 5 + [wrong] * 6 + [stripes({1: (4, 8), 7: (12, 14)})] * 5 + [late] * 5
    scores = score_both(tmp_path, 'tao_vos', {'clip': (gt, pred)})
    assert scores.per_frame['clip'][1]['frames'] == ['00005', '00010', '00015', '00020']
    assert scores.per_frame['clip'][7] == {'frames': ['00015', '00020'], 'J': [0.5, 1], 'F': [0.5, 1]}
    assert scores.overall['J-Mean'] == pytest.approx((1 + 0.75) / 2)


def test_an_object_that_vanishes_goes_on_counting(tmp_path):
    gt = [SHOWN, SHOWN, stripes(), stripes()]
    scores = score_both(tmp_path, 'tao_vos', {'clip': (gt, [SHOWN, SHOWN, SHOWN, stripes()])})
    assert scores.per_frame['clip'][1]['J'] == [1, 0, 1]


def test_an_object_counts_only_after_its_prompt():
    """Shown from frame 0 on, but given in frame 4: before that, no method can know it."""
    gt = every(2, [SHOWN] * 5)
    video = video_of(gt)
    video.prompts = Prompts({4: [ObjectPrompt(1, mask=SHOWN == 1)]})
    metric = VOSMetric('tao_vos')
    for t in range(9):
        mask = SHOWN if t > 4 else stripes()
        metric.process(None, [dict(video=video, result=FrameResult(t, f'{t:05d}', mask, {}))])
    assert metric.evaluate(1)['J-Mean'] == 1
    assert metric.scores.per_frame['clip'][1]['frames'] == ['00006', '00008']


def test_an_object_given_before_it_is_shown_counts_after_it_is_shown():
    late = stripes({1: (4, 8), 2: (12, 16)})
    video = video_of([SHOWN, SHOWN, late, late])
    video.prompts = Prompts({0: [ObjectPrompt(i, mask=late == i) for i in (1, 2)]})
    metric = VOSMetric('tao_vos')
    for t in range(4):
        metric.process(None, [dict(video=video, result=FrameResult(t, f'{t:05d}', late, {}))])
    assert metric.evaluate(1)['J-Mean'] == 1
    assert metric.scores.per_frame['clip'][2]['frames'] == ['00003']


def test_an_object_of_the_last_annotated_frame_is_listed_and_changes_nothing(tmp_path):
    gt = [SHOWN, SHOWN, stripes({1: (4, 8), 9: (12, 16)}), None]
    pred = [SHOWN, stripes({1: (4, 6)}), SHOWN, SHOWN]
    with_it = score_ytvos(tmp_path / 'with', {'clip': (gt, pred)}, {'clip': {1: 'zebra', 9: 'ant'}})
    gt = [SHOWN, SHOWN, SHOWN, None]
    without = score_ytvos(tmp_path / 'without', {'clip': (gt, pred)}, {'clip': {1: 'zebra'}})
    assert with_it.details == {'not_scored': {'clip': [9]}} and without.details == {}
    assert with_it.report()['not_scored'] == {'clip': [9]}
    assert with_it.overall == pytest.approx(without.overall, nan_ok=True)
    assert with_it.per_frame == without.per_frame and [*with_it.per_object['clip']] == [1]


@pytest.mark.parametrize('protocol', ['tao_vos', 'ytvos2018', 'long_video', 'segtrack_v2'])
def test_a_video_of_late_objects_only_is_an_error(tmp_path, protocol):
    videos = {'clip': ([stripes(), stripes(), stripes(), SHOWN], [stripes()] * 4)}
    # long_video never looks at the last annotated frame
    cause = 'no object in the ground truth' if protocol == 'long_video' else r'objects \[1\] are first'
    with pytest.raises(AnnotationError, match=f'video clip: {cause}'):
        score_folders(tmp_path, protocol, videos)
    with pytest.raises(AnnotationError, match=f'video clip: {cause}'):
        score_metric(protocol, videos)


@pytest.mark.parametrize('protocol', ['tao_vos', 'ytvos2018', 'ytvos2019', 'segtrack_v2', 'youtube_objects'])
def test_one_annotated_frame_is_an_error(tmp_path, protocol):
    videos = {'clip': ([None, SHOWN, None], [SHOWN] * 3)}
    cause = 'video clip: nothing to score, expected two annotated frames or more, found 1'
    with pytest.raises(AnnotationError, match=cause):
        score_folders(tmp_path, protocol, videos)
    with pytest.raises(AnnotationError, match=cause):
        score_metric(protocol, videos)


TRUTH = [SHOWN, SHOWN, stripes({1: (4, 8), 2: (12, 16)}), stripes({1: (4, 8), 2: (12, 16)})]
GUESS = [WRONG, stripes({1: (4, 7)}), stripes({1: (4, 6), 2: (12, 16)}), stripes({1: (4, 8), 2: (12, 15)})]


@pytest.mark.parametrize('protocol, step', [('tao_vos', 30), ('tao_vos', 10), ('ytvos2018', 5)])
def test_frames_without_ground_truth_do_not_matter(tmp_path, protocol, step):
    """1 fps of 30: predictions of all frames, of the annotated ones, and a stream of all of them."""
    gt = every(step, TRUTH)
    dense = [WRONG] * len(gt)
    dense[::step] = GUESS
    dense += [WRONG] * 3
    meta = write_meta(tmp_path / 'meta.json', {'clip': {1: 'cat', 2: 'ant'}})
    options = dict(meta=meta) if protocol == 'ytvos2018' else {}
    truth = write_masks(tmp_path / 'gt' / 'clip', gt).parent
    config = dict(type=protocol, **options)
    found = [
        evaluate_folders(config, truth, write_masks(tmp_path / name / 'clip', masks).parent)
        for name, masks in (('dense', dense), ('sparse', every(step, GUESS)))
    ]
    stream = score_metric(config, {'clip': ([*gt, None, None, None], dense)})
    assert comparable(found[0]) == comparable(found[1]) == comparable(stream)
    names = [f'{t:05d}' for t in (step, 2 * step, 3 * step)]
    assert found[0].per_frame['clip'][1] == {'frames': names, 'J': [0.75, 0.5, 1], 'F': [1, 0.5, 1]}
    assert found[0].per_frame['clip'][2] == {'frames': names[2:], 'J': [0.75], 'F': [1]}


def test_only_eval_frames_count_of_a_densely_annotated_video():
    video = video_of([SHOWN] * 30)
    video.eval_frames = [0, 10, 20]
    metric = VOSMetric('tao_vos')
    for t in range(30):
        mask = {10: SHOWN, 20: stripes({1: (4, 6)})}.get(t, WRONG)
        metric.process(None, [dict(video=video, result=FrameResult(t, f'{t:05d}', mask, {}))])
    assert metric.evaluate(1)['J-Mean'] == 0.75
    assert metric.scores.per_frame['clip'][1]['frames'] == ['00010', '00020']


def test_an_annotated_frame_without_a_prediction_is_named(tmp_path):
    pred = every(5, GUESS)
    pred[10] = None
    with pytest.raises(AnnotationError, match=r'pred/clip/00010.png: prediction not found \(1 of 4'):
        score_folders(tmp_path, 'tao_vos', {'clip': (every(5, TRUTH), pred)})


def test_a_missing_category_names_video_and_object(tmp_path):
    two = stripes({1: (4, 8), 2: (12, 16)})
    videos = {'clip': ([two] * 2, [two] * 2)}
    error = r'video clip: no category for object 2, found categories for \[1\]; ytvos2019 .*meta'
    with pytest.raises(AnnotationError, match=error):
        score_metric('ytvos2019', videos, {'clip': {1: 'cat'}})
    meta = write_meta(tmp_path / 'meta.json', {'clip': {1: 'cat'}, 'other': {1: 'cat', 2: 'cat'}})
    with pytest.raises(AnnotationError, match=error):
        score_folders(tmp_path, dict(type='ytvos2019', meta=meta), videos)
    with pytest.raises(AnnotationError, match=r'clip: no category for object 1, found categories for \[\]'):
        score_metric('ytvos2018', videos)


def test_categories_of_the_video_go_before_those_of_the_file(tmp_path):
    meta = write_meta(tmp_path / 'meta.json', {'clip': {1: 'ant'}})
    scores = score_metric(
        dict(type='ytvos2018', meta=meta), {'clip': ([SHOWN] * 2, [SHOWN] * 2)}, {'clip': {1: 'cat'}}
    )
    assert scores.overall['J-Seen'] == 1 and math.isnan(scores.overall['J-Unseen'])


@pytest.mark.parametrize(
    'text',
    [
        '{"videos": ',
        '[]',
        '{}',
        '{"videos": ["clip"]}',
        '{"videos": {"clip": {}}}',
        '{"videos": {"clip": {"objects": [1]}}}',
        '{"videos": {"clip": {"objects": {"one": {"category": "cat"}}}}}',
        '{"videos": {"clip": {"objects": {"1": 5}}}}',
    ],
)
def test_a_broken_meta_file_is_named(tmp_path, text):
    path = tmp_path / 'meta.json'
    path.write_text(text)
    with pytest.raises(AnnotationError, match=f'^{path}: (not valid JSON|.*(expected|lacks) )'):
        build_protocol(dict(type='ytvos2018', meta=str(path)))


def test_a_missing_meta_file_is_named(tmp_path):
    for path in (tmp_path / 'meta.json', tmp_path):
        with pytest.raises(AnnotationError, match=f'^{path}: meta.json not found'):
            build_protocol(dict(type='ytvos2019', meta=path))


def test_long_video_leaves_out_the_first_and_the_last_annotated_frame(tmp_path):
    gt = every(7, [SHOWN] * 4)
    pred = [WRONG] * len(gt)
    pred[7], pred[14] = SHOWN, stripes({1: (4, 6)})
    scores = score_both(tmp_path, 'long_video', {'clip': (gt, pred)})
    assert scores.per_frame['clip'][1] == {'frames': ['00007', '00014'], 'J': [1, 0.5], 'F': [1, 0.5]}
    assert scores.overall['J-Decay'] == 0.5


def test_long_video_equals_davis_on_the_annotated_frames(tmp_path):
    """Annotated unevenly, in frames that are neither the first nor the last of the video."""
    rng = np.random.default_rng(0)
    annotated = [3, 4, 9, 20, 21, 37]
    truth = stripes({1: (4, 8), 2: (12, 16), 255: (8, 9)})
    gt, pred = [None] * 40, [WRONG] * 40
    for t in annotated:
        gt[t] = truth
        pred[t] = stripes({1: (4, rng.integers(5, 12)), 2: (12, rng.integers(13, 20))})
    scores = score_both(tmp_path / 'long', 'long_video', {'clip': (gt, pred)})
    short = {'clip': ([gt[t] for t in annotated], [pred[t] for t in annotated])}
    davis = score_both(tmp_path / 'short', 'davis2017', short)
    assert scores.overall == davis.overall and scores.per_object == davis.per_object
    assert len({*scores.per_frame['clip'][1]['J']}) > 1


def test_long_video_needs_three_annotated_frames(tmp_path):
    videos = {'clip': ([SHOWN, None, None, SHOWN], [SHOWN] * 4)}
    cause = 'clip: nothing to score, its 2 annotated frames are the first and the last, which long_video'
    with pytest.raises(AnnotationError, match=cause):
        score_folders(tmp_path, 'long_video', videos)
    with pytest.raises(AnnotationError, match=cause):
        score_metric('long_video', videos)


@pytest.mark.parametrize('wrong', ['ant', 5, True])
def test_unseen_categories_are_a_list(wrong):
    with pytest.raises(ConfigError, match=f'unseen_categories: found {wrong!r}, expected a list of names'):
        build_protocol(dict(type='ytvos2018', unseen_categories=wrong))
