"""Several annotated frames: every object comes from the pass that starts at its nearest prompt."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from adapting import FRAMES, MASKS, SEEN, build, everything, frames_seen, register, trackers_of
from hypothesis import given, settings
from hypothesis import strategies as st
from single_frame import SINGLE_FRAMES, SingleFrame
from small_models import small_stm, small_xmem
from small_videos import CountingSource, mask_prompts

from vosplug.errors import ConfigError, VideoError
from vosplug.models import StreamingSegmentor
from vosplug.models.streaming import both_ways
from vosplug.registry import MODELS
from vosplug.structures import FrameResult, ObjectPrompt, Prompts, ReversedSource, VideoSample

LENGTH = 12
SIZE = (LENGTH, 2 * LENGTH)
VIDEO = [np.full((*SIZE, 3), t, np.uint8) for t in range(LENGTH)]
BOTH = dict(direction='both')


class SincePrompt(StreamingSegmentor):
    """An object is one pixel: its row tells the frames since its last prompt, its column is the prompt's."""

    def start(self, video):
        return SimpleNamespace(columns=[], frames=[])

    def segment(self, state, frame):
        logits = torch.full((len(state.columns), *SIZE), -9.0)
        for slot, (column, since) in enumerate(zip(state.columns, state.frames, strict=True)):
            logits[slot, frame.index - since, column] = 9
        return logits

    def remember(self, state, frame, probs, prompted):
        for slot in sorted(prompted):
            if slot == len(state.columns):
                state.columns.append(None)
                state.frames.append(None)
            state.columns[slot] = int(probs[slot].amax(0).argmax())
            state.frames[slot] = frame.index


def prompt(object_id: int, t: int, half: int) -> ObjectPrompt:
    """The column of a frame, in the first or the second half of the image."""
    mask = np.zeros(SIZE, bool)
    mask[:, t + half * LENGTH] = True
    return ObjectPrompt(object_id, mask=mask)


def prompts_in(frames: dict[int, list[int]]) -> dict[int, list[ObjectPrompt]]:
    """Object id -> frames, as prompts; each object has a half of the image."""
    found: dict[int, list[ObjectPrompt]] = {}
    for half, (object_id, times) in enumerate(frames.items()):
        for t in times:
            found.setdefault(t, []).append(prompt(object_id, t, half))
    return found


def origins(result: FrameResult) -> dict[int, tuple[int, int]]:
    """Object id -> frame of the prompt that its pixel comes from, and frames since then."""
    return {
        int(i): (int(np.argwhere(result.mask == i)[0, 1]) % LENGTH, int(np.argwhere(result.mask == i)[0, 0]))
        for i in np.unique(result.mask)
        if i
    }


# ---------------------------------------------------------------------- which pass


@given(st.lists(st.sets(st.integers(0, LENGTH - 1), min_size=1), min_size=1, max_size=2))
@settings(deadline=None, max_examples=30)
def test_every_object_comes_from_its_nearest_prompt_of_two_the_earlier_one(frames):
    frames = dict(zip((7, 200), map(sorted, frames), strict=False))
    results = list(SincePrompt(test_cfg=BOTH).stream(VIDEO, prompts_in(frames)))
    assert [r.index for r in results] == list(range(LENGTH))
    for t, result in enumerate(results):
        nearest = {i: min(own, key=lambda f: (abs(f - t), f)) for i, own in frames.items()}
        assert origins(result) == {i: (f, abs(f - t)) for i, f in nearest.items()}
        assert set(result.scores) == set(result.presence) == set(result.object_ids) == set(frames)
        assert all(score > 0.9 for score in (*result.scores.values(), *result.presence.values()))


def test_frames_before_the_first_prompt_come_from_behind_and_ties_from_before():
    results = list(SincePrompt(test_cfg=BOTH).stream(VIDEO, prompts_in({5: [2, 6]})))
    assert [origins(r)[5][0] for r in results] == [2] * 5 + [6] * 7
    assert [origins(r)[5][1] for r in results] == [2, 1, 0, 1, 2, 1, 0, 1, 2, 3, 4, 5]


def test_prompts_come_back_verbatim_and_names_are_those_of_the_video():
    prompts = prompts_in({5: [2, 9], 3: [4]})
    results = list(SincePrompt(test_cfg=BOTH).stream(CountingSource(VIDEO), prompts))
    assert [r.name for r in results] == [f'{t:05d}' for t in range(LENGTH)]
    for t, given_prompts in prompts.items():
        for p in given_prompts:
            assert np.array_equal(results[t].mask == p.object_id, p.mask)


def test_one_prompt_in_the_first_frame_is_a_forward_pass_and_no_other():
    source, prompts = CountingSource(FRAMES), {0: mask_prompts(MASKS[0])}
    forward = build(online=None)
    stream = build(online=None, test_cfg=BOTH).stream(source, prompts)
    for t, (found, expected) in enumerate(zip(stream, forward.stream(FRAMES, prompts), strict=True)):
        assert source.decoded == list(range(t + 1))
        assert np.array_equal(found.mask, expected.mask)
        assert (found.scores, found.presence) == (expected.scores, expected.presence)


# ---------------------------------------------------------------------- merging


def constant(forward: dict[int, slice], backward: dict[int, slice]):
    """A pass that gives an object the same columns in every frame."""

    def run(source, prompts):
        columns = backward if isinstance(source, ReversedSource) else forward
        for t, name in enumerate(source.frame_names):
            mask = np.zeros(SIZE, np.uint8)
            for object_id, part in columns.items():
                mask[:, part] = object_id
            yield FrameResult(t, name, mask, dict.fromkeys(columns, 0.5), dict.fromkeys(columns, 0.7))

    return run


def columns_of(mask: np.ndarray) -> list[int]:
    assert (mask == mask[:1]).all()
    return mask[0, :8].tolist()


def test_where_objects_of_both_passes_overlap_the_nearer_prompt_is_in_front():
    prompts = Prompts(prompts_in({1: [0], 2: [6]}))
    run = constant({1: slice(0, 4), 2: slice(4, 8)}, {1: slice(0, 1), 2: slice(2, 5)})
    results = list(both_ways(run, CountingSource(VIDEO), prompts))
    assert columns_of(results[2].mask) == [1, 1, 1, 1, 2, 0, 0, 0]
    assert columns_of(results[3].mask) == [1, 1, 1, 1, 2, 0, 0, 0]  # as near: forward
    assert columns_of(results[4].mask) == [1, 1, 2, 2, 2, 0, 0, 0]
    assert columns_of(results[6].mask) == [1, 1, 1, 1, 2, 2, 2, 2]  # forward alone


def test_an_object_that_is_hidden_has_no_score():
    prompts = Prompts(prompts_in({1: [0], 2: [6]}))
    run = constant({1: slice(0, 4), 2: slice(4, 8)}, {1: slice(0, 1), 2: slice(2, 4)})
    results = list(both_ways(run, CountingSource(VIDEO), prompts))
    assert results[1].scores == {1: 0.5, 2: 0.0} and results[5].scores == {1: 0.5, 2: 0.5}
    assert results[1].presence == {1: 0.7, 2: 0.7}


def test_the_backward_pass_ends_with_the_first_frame_that_needs_it():
    drawn = []

    def run(source, prompts):
        for t, name in enumerate(source.frame_names):
            drawn.append(name)
            yield FrameResult(t, name, np.zeros(SIZE, np.uint8), {5: 0.0})

    next(both_ways(run, CountingSource(VIDEO), Prompts(prompts_in({5: [0, 9]}))))
    assert drawn == [f'{t:05d}' for t in (11, 10, 9, 8, 7, 6, 5, 0)]


# ---------------------------------------------------------------------- methods

SEVERAL = {1: mask_prompts(MASKS[1]), 4: [ObjectPrompt(2, mask=MASKS[4] == 2)]}


@pytest.mark.parametrize('config', [small_stm, small_xmem])
def test_a_method_s_results_are_those_of_its_passes(config):
    backwards = {5 - t: given_prompts for t, given_prompts in SEVERAL.items()}
    plain, both = build(config, online=None), build(config, online=None, test_cfg=BOTH)
    forward = list(plain.stream(FRAMES, SEVERAL))
    backward = list(plain.stream(FRAMES[::-1], backwards))[::-1]
    results = list(both.stream(FRAMES, SEVERAL))
    assert np.array_equal(results[0].mask, backward[0].mask)
    for t in (1, 2, 4, 5):
        assert np.array_equal(results[t].mask, forward[t].mask), t
    second = backward[3].mask == 2  # its prompt in frame 4 is nearer; the other object's is in frame 1
    expected = np.where(second, 2, np.where(forward[3].mask == 1, 1, 0))
    assert np.array_equal(results[3].mask, expected)
    assert results[3].scores[2] == backward[3].scores[2] and results[3].scores[1] == forward[3].scores[1]


@pytest.mark.parametrize('options', [dict(), dict(per_object=True), dict(all_prompts=True)])
def test_the_model_stays_as_it_is_and_streams_do_not_meet(options):
    model = single_frame(**options)
    videos = [(FRAMES, SEVERAL), (FRAMES[::-1], {0: mask_prompts(MASKS[-1]), 3: mask_prompts(MASKS[2])})]
    before = everything(model)
    alone = [[r.mask for r in model.stream(*video)] for video in videos]
    streams = [model.stream(*video) for video in videos]
    for t, pair in enumerate(zip(*streams, strict=True)):
        assert all(np.array_equal(r.mask, expected[t]) for r, expected in zip(pair, alone, strict=True))
        assert everything(model) == before


@pytest.mark.parametrize('per_object', [False, True])
def test_both_passes_share_the_copies_trained_on_all_prompts(per_object):
    model = single_frame(all_prompts=True, per_object=per_object, steps=20)
    with trackers_of(model) as trackers:
        stream = model.stream(FRAMES, SEVERAL)
        next(stream)
        backward, forward = trackers
        assert len(SEEN) == 20 * (1 + per_object) and set(frames_seen()) == {1, 4}
        list(stream)
    assert len(SEEN) == 20 * (1 + per_object)
    learnt = [{tracker.ids[g.slots[0]]: g.model for g in tracker.groups} for tracker in (backward, forward)]
    if per_object:
        assert learnt[0] == learnt[1] and learnt[0][1] is not learnt[0][2]
    else:
        assert [*learnt[0].values()] == [*learnt[1].values()] and model not in learnt[0].values()
    SEEN.clear()
    list(single_frame(per_object=per_object, steps=20).stream(FRAMES, SEVERAL))
    assert len(SEEN) == (120 if per_object else 80)  # each pass learns for itself, from every prompt


def single_frame(**options):
    """A small method that goes both ways, and writes down what it learns from."""
    register()
    MODELS.register_module(module=SingleFrame, force=True)
    pipeline = [dict(type='Seen'), *SINGLE_FRAMES]
    return build(lambda: dict(type='SingleFrame'), test_cfg=BOTH, num_frames=1, pipeline=pipeline, **options)


def test_boxes_start_both_passes():
    boxes = {t: [ObjectPrompt(3, box=(5, 5 + t, 20, 20 + t))] for t in (0, 5)}
    results = list(build(online=None, test_cfg=BOTH).stream(FRAMES, boxes))
    assert results[0].mask[5:20, 5:20].all() and results[5].mask[10:25, 5:20].all()


def test_a_run_goes_both_ways_by_config():
    prompts = Prompts(prompts_in({5: [2, 9]}))
    source = CountingSource(VIDEO)
    sample = VideoSample('clip', source, prompts)
    (stream,) = SincePrompt(test_cfg=BOTH).predict([source], [sample])
    assert origins(next(stream)) == {5: (2, 2)}


def test_a_stream_that_is_left_early_leaves_the_model_as_it_was():
    model = build(online=None, test_cfg=BOTH).train()
    before = everything(model)
    stream = model.stream(FRAMES, SEVERAL)
    list(itertools.islice(stream, 2))
    stream.close()
    assert everything(model) == before and model.training


# ---------------------------------------------------------------------- what it cannot do


def test_unknown_directions_are_refused():
    with pytest.raises(
        ConfigError, match=r"direction: found 'backward', expected one of \('forward', 'both'\)"
    ):
        SincePrompt(test_cfg=dict(direction='backward'))


def test_probabilities_are_refused():
    with pytest.raises(ConfigError, match="return_probs: .*direction='forward'"):
        SincePrompt(test_cfg=BOTH).stream(VIDEO, prompts_in({5: [2]}), return_probs=True)


def test_a_live_source_is_refused():
    source = CountingSource(VIDEO)
    source.random_access = False
    with pytest.raises(VideoError, match=r'the video: .*only be read in order.*direction=both'):
        SincePrompt(test_cfg=BOTH).stream(source, prompts_in({5: [2]}))
