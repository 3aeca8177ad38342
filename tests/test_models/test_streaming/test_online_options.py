"""Options of online adaptation; every guarantee of ``test_online.py`` holds with each of them."""

import gc
import random
import weakref

import numpy as np
import pytest
import torch
from adapting import (
    AUGMENTED,
    FIRST,
    FIRST_OF_TWO,
    FRAMES,
    MASKS,
    SEEN,
    build,
    everything,
    frames_seen,
    probs,
    register,
    trackers_of,
    weights,
)
from single_frame import SINGLE_FRAMES, SingleFrame
from small_videos import CountingSource, mask_prompts

from vosplug.errors import ConfigError, VideoError
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt, boxes_of_mask

POLY = dict(type='PolyLR', power=0.9)
SEVERAL = {0: mask_prompts(MASKS[0]), 2: [ObjectPrompt(2, mask=MASKS[2] == 2)], 4: mask_prompts(MASKS[4])}
OPTIONS = [
    dict(param_scheduler=POLY),
    dict(num_samples=4),
    dict(all_prompts=True),
    dict(all_prompts=True, per_object=True, num_samples=3, batch_size=2),
    dict(all_prompts=True, refresh=dict(every=1, steps=2, confidence=0.4)),
]
either = pytest.mark.parametrize('options', OPTIONS, ids=lambda options: ', '.join(options))


@pytest.fixture(autouse=True)
def _registered():
    register()
    MODELS.register_module(module=SingleFrame, force=True)


def quick(**options):
    """The smallest method."""
    defaults = dict(num_frames=1, pipeline=[*AUGMENTED[:2], *SINGLE_FRAMES])
    return build(lambda: dict(type='SingleFrame'), **options if 'online' in options else defaults | options)


def watching(**options):
    """One that writes down what it learns from, as it was given."""
    return quick(pipeline=[dict(type='Seen'), *SINGLE_FRAMES], **options)


# ---------------------------------------------------------------------- guarantees


@either
def test_the_model_and_the_random_numbers_stay_as_they_are(options):
    model = quick(**options).train()
    before = everything(model)
    stream = model.stream(FRAMES, SEVERAL)
    for _ in range(3):
        next(stream)
        assert everything(model) == before
    stream.close()
    assert len(list(model.stream(FRAMES, SEVERAL))) == 6 and everything(model) == before


@either
def test_results_follow_from_the_seed(options):
    first = probs(quick(**options), SEVERAL)
    np.random.seed(5), torch.manual_seed(5), random.seed(5)
    assert np.array_equal(probs(quick(**options), SEVERAL), first)
    assert not np.allclose(probs(quick(**options, seed=1), SEVERAL), first, atol=1e-4)
    assert not np.allclose(probs(quick(online=None), SEVERAL), first, atol=1e-3)


@either
def test_interleaved_streams_give_what_each_gives_alone(options):
    model = quick(**options)
    videos = [(FRAMES, SEVERAL), (FRAMES[::-1], {0: mask_prompts(MASKS[-1]), 3: mask_prompts(MASKS[2])})]
    alone = [probs(model, prompts, frames) for frames, prompts in videos]
    streams = [model.stream(frames, prompts, return_probs=True) for frames, prompts in videos]
    for t, pair in enumerate(zip(*streams, strict=True)):
        assert all(np.array_equal(r.probs, expected[t]) for r, expected in zip(pair, alone, strict=True))


@either
def test_copies_and_examples_die_with_their_stream(options):
    model = quick(**options)
    with trackers_of(model) as trackers:
        stream = model.stream(FRAMES, SEVERAL)
        next(stream)
    tracker = trackers.pop()
    parts = [weakref.ref(part) for part in (*(g.model for g in tracker.groups), *tracker.examples)]
    assert len(parts) >= 2 and all(part() not in (None, model) for part in parts)
    del tracker
    stream.close()
    gc.collect()
    assert {part() for part in parts} == {None}


# ---------------------------------------------------------------------- single frames


def test_a_method_may_learn_from_single_frames():
    wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=0.02))
    model = watching(steps=80, optim_wrapper=wrapper)
    before = weights(model)
    results = list(model.stream(FRAMES, FIRST))
    assert {clip['length'] for clip in SEEN} == {1} and len(SEEN) == 80
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    hit, known = results[1].mask > 0, MASKS[1] > 0
    assert (hit & known).sum() / (hit | known).sum() > 0.7


def test_a_method_that_learns_from_later_frames_says_so():
    with pytest.raises(ConfigError, match='found clips of 1 frame, expected 2 or more.*num_frames'):
        list(build(num_frames=1).stream(FRAMES, FIRST))


# ---------------------------------------------------------------------- schedules and pools


def test_a_schedule_changes_what_is_learnt():
    steady, falling = (probs(quick(param_scheduler=s), FIRST, FRAMES[:2]) for s in ((), [POLY]))
    assert not np.array_equal(steady, falling)


@pytest.mark.parametrize('per_object', [False, True])
def test_a_pool_repeats_its_samples_and_no_others(per_object):
    pipeline = [*AUGMENTED[:2], dict(type='Seen'), *SINGLE_FRAMES]
    model = quick(steps=10, num_samples=5, pipeline=pipeline, per_object=per_object)
    next(model.stream(FRAMES, FIRST))
    for k in range(1 + per_object):
        drawn = [clip['mask'].tobytes() for clip in SEEN[10 * k : 10 * k + 10]]
        assert len(set(drawn[:5])) == 5 and sorted(drawn[5:]) == sorted(drawn[:5])


# ---------------------------------------------------------------------- all prompts


def test_the_first_training_sees_all_prompted_frames_and_no_other_follows():
    model, history = watching(steps=30, all_prompts=True), []
    for _ in model.stream(FRAMES, SEVERAL):
        history.append(len(SEEN))
    assert history == [30] * 6 and set(frames_seen()) == {0, 2, 4}
    seen = {clip['frame']: clip for clip in SEEN}
    assert np.array_equal(seen[4]['mask'], MASKS[4]) and np.array_equal(seen[0]['mask'], MASKS[0])
    # the other object was not given in this frame
    assert np.array_equal(seen[2]['mask'], np.where(MASKS[2] == 2, 2, 0))


def test_objects_have_their_own_numbers_whatever_frame_and_order_they_are_given_in():
    names = {1: 9, 2: 4}
    prompts = {1: mask_prompts(MASKS[1], names)[1:], 3: mask_prompts(MASKS[3], names)}
    list(watching(steps=30, all_prompts=True).stream(FRAMES, prompts))
    seen = {clip['frame']: clip for clip in SEEN}
    assert np.array_equal(seen[1]['mask'], np.where(MASKS[1] == 2, 1, 0))  # id 4 enters first
    assert np.array_equal(seen[3]['mask'], np.array([0, 2, 1], np.uint8)[MASKS[3]])


def test_the_copy_of_a_late_object_is_trained_once_where_it_enters():
    prompts = {0: FIRST_OF_TWO, 2: mask_prompts(MASKS[2]), 4: mask_prompts(MASKS[4])}
    model, history = watching(steps=20, all_prompts=True, per_object=True), []
    for _ in model.stream(FRAMES, prompts):
        history.append(len(SEEN))
    assert history == [20, 20, 40, 40, 40, 40]
    assert set(frames_seen()[:20]) == {0, 2, 4} and set(frames_seen()[20:]) == {2, 4}
    assert all(clip['labels'] == [0, 1] for clip in SEEN)


def test_one_prompted_frame_gives_what_it_gives_without_the_option():
    for options in (dict(), dict(per_object=True), dict(test_cfg=dict(short_side=36, flip=True))):
        expected = probs(build(**options), FIRST)
        assert np.array_equal(probs(build(all_prompts=True, **options), FIRST), expected)


def test_boxes_are_learnt_as_the_initializer_s_masks():
    boxes = {t: boxes_of_mask(MASKS[t]) for t in (0, 3)}
    prompts = {t: [ObjectPrompt(i, box=box) for i, box in b.items()] for t, b in boxes.items()}
    model = watching(steps=30, all_prompts=True, initializer=dict(type='FilledBoxInitializer', refine=True))
    list(model.stream(FRAMES, prompts))
    seen = {clip['frame']: clip['mask'] for clip in SEEN}
    assert all(np.array_equal(seen[t], MASKS[t]) for t in (0, 3))  # squares fill their boxes


def test_refreshing_goes_on_with_all_prompts():
    refresh = dict(every=2, steps=40, confidence=0.4)
    model, history = watching(steps=40, all_prompts=True, refresh=refresh), []
    for _ in model.stream(FRAMES[:1] * 6, {0: FIRST_OF_TWO, 2: FIRST_OF_TWO}):
        history.append(len(SEEN))
    assert history == [40, 40, 40, 80, 80, 120]  # not in frame 2, where the user said what is there
    assert set(frames_seen()[:40]) == {0, 2} and set(frames_seen()[40:80]) == {0, 2, 3}


def test_only_prompted_frames_are_read_ahead():
    source = CountingSource(FRAMES)
    stream = quick(all_prompts=True).stream(source, {1: mask_prompts(MASKS[1]), 4: mask_prompts(MASKS[4])})
    assert not source.decoded
    next(stream)
    assert source.decoded == [0]
    next(stream)
    assert set(source.decoded) == {0, 1, 4}


def test_a_live_source_is_refused():
    class Live(CountingSource):
        random_access = False

    with pytest.raises(VideoError, match=r'the video: .*only be read in order.*online.all_prompts'):
        quick(all_prompts=True).stream(Live(FRAMES), FIRST)
    assert len(list(quick().stream(Live(FRAMES), FIRST))) == 6


# ---------------------------------------------------------------------- extreme masks

EMPTY, ALL = np.zeros_like(MASKS[0], bool), np.ones_like(MASKS[0], bool)


@pytest.mark.parametrize('per_object', [False, True])
def test_an_empty_mask_trains_nothing(per_object):
    prompts = {0: [ObjectPrompt(1, mask=EMPTY)], 3: [ObjectPrompt(1, mask=MASKS[3] == 1)]}
    model, plain = watching(per_object=per_object), quick(online=None)
    found, expected = (next(m.stream(FRAMES, prompts, return_probs=True)).probs for m in (model, plain))
    assert np.array_equal(found, expected) and not SEEN


def test_an_empty_mask_beside_others_is_left_out():
    later = [ObjectPrompt(1, mask=MASKS[3] == 1)]
    prompts = {0: [ObjectPrompt(1, mask=EMPTY), *mask_prompts(MASKS[0])[1:]], 3: later}
    next(watching(per_object=True).stream(FRAMES, prompts))
    assert [clip['labels'] for clip in SEEN] == [[0, 1]] * 3
    assert all(np.array_equal(clip['mask'] == 1, MASKS[0] == 2) for clip in SEEN)


@pytest.mark.parametrize('all_prompts', [False, True])
def test_an_object_that_is_absent_in_one_of_its_frames_learns_from_the_others(all_prompts):
    model = watching(steps=30, all_prompts=all_prompts)
    list(model.stream(FRAMES, {0: [ObjectPrompt(1, mask=EMPTY)], 3: [ObjectPrompt(1, mask=MASKS[3] == 1)]}))
    assert set(frames_seen()) == {3} and len(SEEN) == 30


@pytest.mark.parametrize('make', [build, quick])
@pytest.mark.parametrize('options', [dict(), dict(per_object=True), dict(all_prompts=True, num_samples=2)])
def test_a_mask_of_the_whole_image_is_learnt(make, options):
    model = make(**options)
    whole = {0: [ObjectPrompt(1, mask=ALL)]}
    results = list(model.stream(FRAMES[:3], whole, return_probs=True))
    assert results[0].mask.all() and all(np.isfinite(r.probs).all() for r in results)
    assert not np.array_equal(results[1].probs, probs(make(online=None), whole, FRAMES[:3])[1])


def test_a_box_that_covers_the_image_is_learnt():
    height, width = EMPTY.shape
    model = watching()
    list(model.stream(FRAMES, {0: [ObjectPrompt(1, box=(-5, -5, width + 9, height + 9))]}))
    assert [clip['labels'] for clip in SEEN] == [[1]] * 3
