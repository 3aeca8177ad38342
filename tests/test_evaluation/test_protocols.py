"""Which frames and objects count."""

import numpy as np
import pytest

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
    assert build_protocol('davis2017').objects(video) == {2: 0, 5: 3}
    assert build_protocol('davis2016').objects(video) == {1: 0}


def test_compat_counts_every_id_up_to_the_highest():
    protocol = build_protocol(dict(type='davis2017', compat='davis2017-evaluation'))
    assert protocol.objects(video_of(10, [4], first=(255, 1, 3))) == {1: 0, 2: 0, 3: 0}
    with pytest.raises(AnnotationError, match='frame 00000: no ground-truth object'):
        protocol.objects(video_of(10, [4], first=(255, 0)))


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


def test_another_protocol_can_be_registered():
    @PROTOCOLS.register_module(name='toy')
    def toy():
        return DAVISProtocol('toy')

    try:
        assert build_protocol('toy').name == 'toy'
    finally:
        PROTOCOLS.module_dict.pop('toy')


def test_unknown_compat_is_named():
    with pytest.raises(ConfigError, match="'davis'"):
        build_protocol(dict(type='davis2017', compat='davis'))
