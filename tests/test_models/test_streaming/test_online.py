"""Copies of a model learn the objects of a video while it streams; the model stays as it was."""

import gc
import random
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from adapting import (
    FIRST,
    FIRST_OF_TWO,
    FRAMES,
    MASKS,
    ONLINE,
    SEEN,
    build,
    everything,
    frames_seen,
    probs,
    register,
    trackers_of,
    watching,
    weights,
)
from mmengine.config import Config
from mmengine.registry import init_default_scope
from segmentor_tester import SegmentorTester
from small_models import small_stm, small_xmem
from small_videos import make_clip, mask_prompts, moving_squares

from vosplug.config import config_errors
from vosplug.errors import ConfigError, VOSError
from vosplug.models import StreamingSegmentor
from vosplug.structures import ArraySource, ObjectPrompt, boxes_of_mask


@pytest.fixture(autouse=True)
def _registered():
    register()


# ---------------------------------------------------------------------- the loaded model


@pytest.mark.parametrize('config', [small_stm, small_xmem])
def test_the_model_and_the_random_numbers_are_as_before_in_every_frame_and_after(config):
    model = build(config)
    for k, (module, parameter) in enumerate(zip(model.modules(), model.parameters(), strict=False)):
        module.training = bool(k % 2)
        parameter.requires_grad_(bool(k % 3))
    before = everything(model)
    stream = model.stream(FRAMES, FIRST)
    for _ in range(3):
        next(stream)
        assert everything(model) == before
    stream.close()
    assert everything(model) == before
    assert len(list(model.stream(FRAMES, FIRST))) == 6 and everything(model) == before


def test_a_stream_that_raises_after_training_leaves_the_model_as_it_was():
    model = build().train()
    before = everything(model)
    with pytest.raises((VOSError, RuntimeError)):
        list(model.stream(ArraySource([*FRAMES[:2], FRAMES[2][:10]]), FIRST))
    assert everything(model) == before


def test_a_training_that_raises_leaves_the_model_as_it_was():
    model = build(pipeline=[dict(type='Fails'), dict(type='PackClip')]).train()
    before = everything(model)
    with pytest.raises(VOSError, match='a transform failed'):
        list(model.stream(FRAMES, FIRST))
    assert len(SEEN) == 3 and everything(model) == before


@pytest.mark.parametrize('enabled', [True, False])
def test_gradients_are_on_or_off_between_results_as_the_user_wants(enabled):
    with torch.set_grad_enabled(enabled):
        for _ in build().stream(FRAMES[:3], FIRST):
            assert torch.is_grad_enabled() == enabled


def test_inference_mode_changes_nothing():
    expected = probs(build(), frames=FRAMES[:2])
    with torch.inference_mode():
        assert np.array_equal(probs(build(), frames=FRAMES[:2]), expected)


def test_copies_die_with_their_stream():
    model = build(per_object=True)
    with trackers_of(model) as trackers:
        stream = model.stream(FRAMES, FIRST)
        next(stream)
    copies = [weakref.ref(group.model) for group in trackers.pop().groups]
    assert len(copies) == 2 and all(copy() not in (None, model) for copy in copies)
    stream.close()
    gc.collect()
    assert [copy() for copy in copies] == [None, None]


# ---------------------------------------------------------------------- what copies learn


@pytest.mark.parametrize('config', [small_stm, small_xmem])
def test_what_is_prompted_is_learnt_and_followed_better(config):
    frames, masks = moving_squares(frames=6, objects=1)
    prompts = {0: mask_prompts(masks[0])}
    adapted = build(config, steps=60)
    with trackers_of(adapted) as trackers:
        better = list(adapted.stream(frames, prompts))
    before, after = (
        SegmentorTester.total_loss(model, make_clip(frames=2, objects=1)).item()
        for model in (adapted, trackers[0].groups[0].model)
    )
    assert after < 0.5 * before
    plain = list(build(config, online=None).stream(frames, prompts))
    found = [
        np.mean([iou(r.mask, m) for r, m in zip(s[1:], masks[1:], strict=True)]) for s in (plain, better)
    ]
    assert found[1] > found[0] + 0.2


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / max(1, (a | b).sum())


@pytest.mark.parametrize('per_object', [False, True])
def test_results_follow_from_the_seed_and_differ_from_those_without(per_object):
    first = probs(build(per_object=per_object))
    np.random.seed(5), torch.manual_seed(5), random.seed(5)
    assert np.array_equal(probs(build(per_object=per_object)), first)
    assert not np.allclose(probs(build(per_object=per_object, seed=1)), first, atol=1e-4)
    assert not np.allclose(probs(build(online=None)), first, atol=1e-3)


def test_interleaved_streams_of_one_model_give_what_each_gives_alone():
    model = build()
    videos = [(FRAMES, FIRST), (FRAMES[::-1], {0: mask_prompts(MASKS[-1]), 2: mask_prompts(MASKS[3])})]
    alone = [probs(model, prompts, frames) for frames, prompts in videos]
    streams = [model.stream(frames, prompts, return_probs=True) for frames, prompts in videos]
    for t, pair in enumerate(zip(*streams, strict=True)):
        assert all(np.array_equal(r.probs, expected[t]) for r, expected in zip(pair, alone, strict=True))


def test_only_the_named_parts_change():
    model = build(parts=['decode_head', 'value_encoder.backbone.conv1'])
    with trackers_of(model) as trackers:
        list(model.stream(FRAMES[:2], FIRST))
    before, after = weights(model), weights(trackers[0].groups[0].model)
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert {key.split('.')[0] for key in changed} == {'decode_head', 'value_encoder'}
    assert {key for key in changed if key.startswith('value')} == {'value_encoder.backbone.conv1.weight'}


def test_no_steps_change_nothing():
    model = build(steps=0)
    with trackers_of(model) as trackers:
        assert np.array_equal(probs(model), probs(build(online=None)))
    assert trackers[0].groups[0].model is model


def test_a_copy_is_told_which_of_its_own_objects_are_prompted():
    model, told = build(steps=0, per_object=True), []  # without steps the copies are the model itself
    remember = model.remember
    model.remember = lambda *args: (
        told.append({k: p.object_id for k, p in args[3].items()}) or remember(*args)
    )
    list(model.stream(FRAMES[:3], FIRST | {2: [ObjectPrompt(2, mask=MASKS[2] == 2)]}))
    assert told == [{0: 1}, {0: 2}, {}, {}, {}, {0: 2}]


def test_clips_show_all_objects_to_one_copy_or_each_to_its_own():
    list(watching(num_frames=4).stream(FRAMES, FIRST))
    assert [(c['ids'], c['labels'], c['length']) for c in SEEN] == [([1, 2], [0, 1, 2], 4)] * 3
    assert np.array_equal(SEEN[0]['mask'], MASKS[0])
    SEEN.clear()
    list(watching(per_object=True).stream(FRAMES, FIRST))
    assert [(c['ids'], c['labels']) for c in SEEN] == [([1], [0, 1])] * 6
    assert all(np.array_equal(c['mask'], MASKS[0] == 1 + k // 3) for k, c in enumerate(SEEN))


# ---------------------------------------------------------------------- when they learn


def test_late_objects_and_corrections_train_again_and_predictions_are_void():
    prompts = {
        1: FIRST_OF_TWO,
        3: [ObjectPrompt(2, mask=MASKS[3] == 2)],
        4: [ObjectPrompt(1, mask=MASKS[4] == 1)],
    }
    model, history = watching(steps=12), []
    for _ in model.stream(FRAMES, prompts):
        history.append(len(SEEN))
    assert history == [0, 12, 12, 24, 36, 36]
    assert set(frames_seen()[:12]) == {1} and set(frames_seen()[12:24]) == {1, 3}
    assert set(frames_seen()[24:]) == {1, 3, 4}
    late = next(clip for clip in SEEN if clip['frame'] == 3)
    assert (
        late['ids'] == [1, 2] and 1 not in late['labels'] and np.array_equal(late['mask'] == 2, MASKS[3] == 2)
    )
    assert any(255 in clip['labels'] for clip in SEEN)  # what was found of the other object


def test_the_copy_of_an_object_is_trained_from_the_model_on_and_where_this_object_is_prompted():
    prompts = {0: FIRST_OF_TWO, 2: [ObjectPrompt(2, mask=MASKS[2] == 2)], 4: FIRST_OF_TWO}
    model, trained = watching(per_object=True), []
    train = model.online.train
    model.online.train = lambda *args: trained.append((args[0], train(*args))) or trained[-1][1]
    with trackers_of(model) as trackers:
        list(model.stream(FRAMES, prompts))
    assert frames_seen()[:6] == [0] * 3 + [2] * 3 and set(frames_seen()[6:]) <= {0, 4}
    assert [start for start, _ in trained] == [model, model, trained[0][1]]
    groups = trackers[0].groups
    assert [group.slots for group in groups] == [[0], [1]]
    assert [group.model for group in groups] == [trained[2][1], trained[1][1]]


@pytest.mark.parametrize('per_object', [False, True])
def test_refreshing_trains_at_its_frames_only(per_object):
    history = []
    model = watching(steps=30, refresh=dict(every=2, steps=9, confidence=0.4), per_object=per_object)
    for _ in model.stream(FRAMES[:1] * 6, {1: FIRST_OF_TWO}):
        history.append(len(SEEN))
    assert history == [0, 30, 30, 39, 39, 48]
    assert set(frames_seen()[30:39]) == {1, 3} and set(frames_seen()[39:]) == {1, 5}


@pytest.mark.parametrize('confidence', [0.6, 0.99])
def test_a_refreshing_learns_where_the_result_is_sure(confidence):
    model = watching(steps=30, refresh=dict(every=1, steps=9, confidence=confidence))
    _, result = model.stream(FRAMES[:1] * 2, {0: FIRST_OF_TWO}, return_probs=True)
    learnt = next(clip['mask'] for clip in SEEN if clip['frame'] == 1)
    expected = np.where(result.probs.max(0) >= confidence, result.probs.argmax(0), 255)
    assert np.array_equal(learnt, expected) and set(np.unique(learnt)) == {0, 1, 255}


def test_refined_boxes_are_learnt_as_the_masks_they_become_and_forks_learn_nothing():
    boxes = boxes_of_mask(MASKS[0])
    model = watching(initializer=dict(type='FilledBoxInitializer', refine=True))
    results = list(model.stream(FRAMES[:3], {0: [ObjectPrompt(i, box=boxes[i]) for i in boxes]}))
    assert frames_seen() == [0] * 3
    assert np.array_equal(SEEN[0]['mask'], results[0].mask)
    filled = build(initializer=dict(type='FilledBoxInitializer'), online=None)
    unrefined = next(filled.stream(FRAMES[:1], {0: [ObjectPrompt(i, box=boxes[i]) for i in boxes]}))
    assert not np.array_equal(unrefined.mask, results[0].mask)


def test_views_share_copies_that_are_trained_once_at_the_first_scale():
    model = watching(test_cfg=dict(scales=(0.75, 1.0), flip=True), per_object=True)
    prompts = {0: FIRST_OF_TWO, 2: [ObjectPrompt(2, mask=MASKS[2] == 2)]}
    with trackers_of(model) as trackers:
        results = list(model.stream(FRAMES[:4], prompts))
    assert frames_seen() == [0] * 3 + [2] * 3 and {c['mask'].shape for c in SEEN} == {(36, 48)}
    assert len(trackers) == 1 and len(trackers[0].groups) == 2 and set(results[3].scores) == {1, 2}


def test_an_object_without_a_pixel_at_the_working_resolution_trains_nothing():
    speck = np.zeros_like(MASKS[0], bool)
    speck[20, 30] = True
    model = watching(test_cfg=dict(short_side=12))
    before = probs(build(test_cfg=dict(short_side=12), online=None), {0: [ObjectPrompt(1, mask=speck)]})
    assert np.array_equal(probs(model, {0: [ObjectPrompt(1, mask=speck)]}), before) and not SEEN


# ---------------------------------------------------------------------- configs


def test_unknown_options_are_named():
    with (
        pytest.raises(ConfigError, match="unexpected keyword argument 'step_count'"),
        config_errors(Config()),
    ):
        build(step_count=3)
    with pytest.raises(ConfigError, match=r"refresh: found .*'often': 3.*expected every and steps"):
        build(refresh=dict(every=2, steps=1, often=3))
    with pytest.raises(ConfigError, match=r"no parameters in \['decoder'\]; it has .*'decode_head'"):
        list(build(parts=['decoder']).stream(FRAMES, FIRST))


@pytest.mark.parametrize(
    'wrong', [dict(steps=-1), dict(num_frames=0), dict(batch_size=0), dict(num_samples=0)]
)
def test_impossible_numbers_are_refused(wrong):
    with pytest.raises(ConfigError, match=f'found .*{next(iter(wrong))}={next(iter(wrong.values()))}'):
        build(**wrong)


@pytest.mark.parametrize('wrong', [dict(every=2), dict(steps=1), dict(every=0, steps=1)])
def test_a_refreshing_that_never_comes_is_refused(wrong):
    with pytest.raises(ConfigError, match='expected every and steps of 1 or more'):
        build(refresh=wrong)


def test_a_tracker_that_cannot_be_trained_is_refused():
    class Still(StreamingSegmentor):
        def start(self, video):
            return SimpleNamespace()

        def segment(self, state, frame):
            raise AssertionError

        def remember(self, state, frame, probs, prompted):
            raise AssertionError

    init_default_scope('vosplug')
    with pytest.raises(ConfigError, match=r'test_cfg.online: Still is not an .*BaseModel'):
        next(Still(test_cfg=dict(online=ONLINE)).stream(FRAMES, FIRST))
