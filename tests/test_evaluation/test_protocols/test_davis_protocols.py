"""DAVIS: which frames and objects count, and scores by attribute."""

import json
import math

import numpy as np
import pytest
from protocol_data import score_both, score_folders, score_metric, stripes

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation import PROTOCOLS, build_protocol
from vosplug.evaluation.protocols import DAVISProtocol
from vosplug.structures import ArrayAnnotation, ArraySource, ObjectPrompt, Prompts, VideoSample


def video_of(length, eval_frames, first=(0, 2, 5)):
    mask = np.zeros((4, 6), np.uint8)
    mask[0, : len(first)] = first
    source = ArraySource([np.zeros((4, 6, 3), np.uint8)] * length)
    prompts = Prompts({0: [ObjectPrompt(2, box=(0, 0, 2, 2))], 3: [ObjectPrompt(5, box=(0, 0, 2, 2))]})
    return VideoSample('clip', source, prompts, ArrayAnnotation([mask] * length), eval_frames)


def test_only_inner_annotated_frames_count():
    assert build_protocol('davis2017').frames(video_of(10, [0, 4, 8, 9])) == [4, 8]


@pytest.mark.parametrize('length, eval_frames', [(2, [0, 1]), (10, [0, 9]), (10, [])])
def test_nothing_to_score_is_an_error(length, eval_frames):
    with pytest.raises(AnnotationError, match='clip: nothing to score'):
        build_protocol('davis2016').frames(video_of(length, eval_frames))


def test_objects_are_those_given_each_after_its_prompt():
    video = video_of(10, [4])
    assert build_protocol('davis2017').given(video) == {2: 1, 5: 4}
    assert build_protocol('davis2016').given(video) == {1: 1}


def test_compat_counts_every_id_up_to_the_highest():
    protocol = build_protocol(dict(type='davis2017', compat='davis2017-evaluation'))
    assert protocol.given(video_of(10, [4], first=(255, 1, 3))) == {1: 1, 2: 1, 3: 1}
    with pytest.raises(AnnotationError, match='frame 00000: no ground-truth object'):
        protocol.given(video_of(10, [4], first=(255, 0)))


@pytest.mark.parametrize(
    'config, gt_found, void_found',
    [
        ('davis2017', [0, 1, 4, 255], [3]),
        (dict(type='davis2017', compat='davis2017-evaluation'), [0, 1, 4, 0], None),
        ('davis2016', [0, 1, 1, 1], [3]),
        (dict(type='davis2016', compat='davis2017-evaluation'), [0, 1, 1, 0], None),
    ],
)
def test_void(config, gt_found, void_found):
    ids = np.array([[0, 1, 4, 255]], np.uint8)
    pred, gt, void = build_protocol(config).label_maps(ids.copy(), ids)
    assert gt.tolist() == [gt_found] and gt.dtype == pred.dtype == np.uint8
    assert (void if void is None else np.flatnonzero(void).tolist()) == void_found


@pytest.mark.parametrize('compat', [None, 'davis2017-evaluation'])
def test_void_in_a_prediction_is_no_object(compat):
    ids = np.array([[0, 1, 4, 255]], np.uint8)
    pred, _, _ = build_protocol(dict(type='davis2016', compat=compat)).label_maps(ids, ids[:, ::-1])
    assert pred.tolist() == [[0, 1, 1, 0]]


def test_another_protocol_can_be_registered():
    @PROTOCOLS.register_module(name='toy')
    def toy():
        return DAVISProtocol('toy')

    try:
        assert build_protocol('toy').name == 'toy'
    finally:
        PROTOCOLS.pop('toy')


def test_unknown_compat_is_named():
    with pytest.raises(ConfigError, match="'davis'"):
        build_protocol(dict(type='davis2017', compat='davis'))


SHOWN = stripes({1: (4, 8)})
# J of 1, 3/4, 1/2 and 0
CLIPS = {
    name: ([SHOWN] * 3, [SHOWN, stripes(columns), SHOWN])
    for name, columns in [('bear', {1: (4, 8)}), ('bmx', {1: (4, 7)}), ('boat', {1: (4, 6)}), ('cows', {})]
}


@pytest.mark.parametrize('name', ['davis2016', 'davis2017'])
def test_attributes_add_the_scores_with_and_without_each(tmp_path, name):
    path = tmp_path / 'attributes.json'
    path.write_text(json.dumps({'bear': ['OCC'], 'bmx': ['OCC', 'FM'], 'boat': [], 'dog': ['OV', 'FM']}))
    scores = score_both(tmp_path / 'with', dict(type=name, attributes=str(path)), CLIPS)
    # nothing is known about cows, which count nowhere
    assert scores.report()['per_attribute'] == {
        'FM': {'with': 0.75, 'without': pytest.approx((1 + 0.5) / 2)},
        'OCC': {'with': pytest.approx((1 + 0.75) / 2), 'without': 0.5},
        'OV': {'with': pytest.approx(math.nan, nan_ok=True), 'without': pytest.approx(2.25 / 3)},
    }
    plain = score_both(tmp_path / 'without', name, CLIPS)
    assert plain.details == {} and 'per_attribute' not in plain.report()
    assert scores.overall == plain.overall and scores.per_object == plain.per_object


def test_objects_of_a_sequence_count_once_in_an_attribute(tmp_path):
    path = tmp_path / 'attributes.json'
    path.write_text('{"one": ["OCC"], "two": ["OCC"]}')
    both = stripes({1: (4, 8), 2: (12, 16)})
    videos = {'one': ([SHOWN] * 3, [stripes()] * 3), 'two': ([both] * 3, [both] * 3)}
    scores = score_both(tmp_path / 'scores', dict(type='davis2017', attributes=path), videos)
    assert scores.details['per_attribute']['OCC']['with'] == 0.5
    assert scores.overall['J-Mean'] == pytest.approx(2 / 3)


def test_the_report_of_the_metric_holds_attributes_and_no_nan(tmp_path):
    path, out = tmp_path / 'attributes.json', tmp_path / 'scores.json'
    path.write_text('{"bear": ["OCC"], "bmx": ["OCC"]}')
    videos = {name: CLIPS[name] for name in ('bear', 'bmx')}
    score_metric(dict(type='davis2016', attributes=str(path)), videos, out_file=out)
    report = json.loads(out.read_text(), parse_constant=pytest.fail)
    assert report['per_attribute'] == {'OCC': {'with': 0.875, 'without': None}}


def test_missing_or_foreign_attributes_are_an_error(tmp_path):
    path = tmp_path / 'attributes.json'
    with pytest.raises(AnnotationError, match=f'^{path}: attributes not found'):
        score_folders(tmp_path / 'a', dict(type='davis2016', attributes=str(path)), CLIPS)
    path.write_text('{"dog": ["OCC"]}')
    with pytest.raises(AnnotationError, match='given for dog, but the scored sequences are bear'):
        score_folders(tmp_path / 'b', dict(type='davis2016', attributes=str(path)), CLIPS)
