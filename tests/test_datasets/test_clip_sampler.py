"""Clips lie in the video, keep their gaps, and start with an object."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vosplug.datasets import ClipSampler
from vosplug.errors import AnnotationError, ConfigError
from vosplug.structures import ArrayAnnotation

RULES = st.sampled_from(['steps', 'near'])


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 30), st.integers(0, 999), RULES)
def test_frames_keep_their_gaps(num_frames, max_gap, spare, seed, rule):
    annotated = [5 * t for t in range(num_frames + spare)]
    sampler = ClipSampler(num_frames, max_gap, reverse_prob=0, rule=rule)
    frames = sampler.draw(annotated, np.random.RandomState(seed), 'v')
    steps = np.diff(frames) / 5
    assert len(frames) == num_frames and set(frames) <= set(annotated)
    assert ((steps >= 1) & (steps <= max_gap)).all()
    backwards = ClipSampler(num_frames, max_gap, reverse_prob=1, rule=rule)
    assert backwards.draw(annotated, np.random.RandomState(seed), 'v') == frames[::-1]


@pytest.mark.parametrize('rule', ['steps', 'near'])
def test_every_frame_gap_and_direction_is_drawn(rule):
    rng, sampler = np.random.RandomState(0), ClipSampler(2, 3, reverse_prob=0.5, rule=rule)
    clips = [sampler.draw(list(range(8)), rng, 'v') for _ in range(400)]
    assert {t for clip in clips for t in clip} == set(range(8))
    assert {b - a for a, b in clips} == {-3, -2, -1, 1, 2, 3}
    assert 0.4 < np.mean([b < a for a, b in clips]) < 0.6


def test_a_still_is_one_frame_again_and_again_however_short_the_video():
    rng, sampler = np.random.RandomState(0), ClipSampler(5, rule='still')
    clips = [sampler.draw([3, 8], rng, 'v') for _ in range(40)]
    assert {tuple(clip) for clip in clips} == {(3,) * 5, (8,) * 5}


def test_a_still_needs_an_annotated_frame():
    with pytest.raises(AnnotationError, match='video v: 0 annotated frames, a clip needs 1'):
        ClipSampler(5, rule='still').draw([], np.random.RandomState(0), 'v')


def test_near_frames_are_drawn_around_all_frames_picked_so_far():
    rng, sampler = np.random.RandomState(0), ClipSampler(3, 2, reverse_prob=0, rule='near')
    clips = [tuple(sampler.draw(list(range(5)), rng, 'v')) for _ in range(4000)]
    # by hand: the first frame is one of 5; then one within 2 of it; then one within 2 of either
    first = {0: (1, 2), 1: (0, 2, 3), 2: (0, 1, 3, 4), 3: (1, 2, 4), 4: (2, 3)}
    expected = dict.fromkeys(set(clips), 0.0)
    for a, around in first.items():
        for b in around:
            third = (set(around) | set(first[b])) - {a, b}
            for c in third:
                expected[tuple(sorted((a, b, c)))] += 1 / 5 / len(around) / len(third)
    assert sum(expected.values()) == pytest.approx(1)
    for clip, chance in expected.items():
        assert clips.count(clip) / 4000 == pytest.approx(chance, abs=0.025)


def test_a_clip_that_fills_the_video_still_skips_frames_when_drawn_near():
    rng = np.random.RandomState(0)
    gaps = {
        rule: max(
            np.diff(ClipSampler(8, 3, reverse_prob=0, rule=rule).draw(list(range(10)), rng, 'v')).max()
            for _ in range(50)
        )
        for rule in ('steps', 'near')
    }
    assert gaps == dict(steps=1, near=3)


@pytest.mark.parametrize(('max_gap', 'steps'), [(4, {1}), (5, {1}), (15, {1, 2, 3})])
def test_a_gap_counts_frames_of_the_recording(max_gap, steps):
    rng, sampler = np.random.RandomState(0), ClipSampler(2, max_gap, reverse_prob=0, annotated_every=5)
    clips = [sampler.draw(list(range(20)), rng, 'v') for _ in range(100)]
    assert {b - a for a, b in clips} == steps


@given(st.integers(1, 9), st.integers(0, 9), st.integers(1, 20), st.integers(0, 999), RULES)
def test_a_range_of_lengths_keeps_to_what_the_video_has(least, more, length, seed, rule):
    sampler = ClipSampler((least, least + more), 2, rule=rule)
    if length < least:
        with pytest.raises(AnnotationError, match=f'a clip needs {least}'):
            sampler.draw(list(range(length)), np.random.RandomState(seed), 'v')
        return
    frames = sampler.draw(list(range(length)), np.random.RandomState(seed), 'v')
    assert least <= len(frames) <= min(least + more, length) and len(set(frames)) == len(frames)


@pytest.mark.parametrize('rule', ['steps', 'near', 'still'])
def test_every_length_of_a_range_is_drawn_alike(rule):
    rng, sampler = np.random.RandomState(0), ClipSampler((5, 8), rule=rule)
    lengths = [len(sampler.draw(list(range(30)), rng, 'v')) for _ in range(800)]
    assert set(lengths) == {5, 6, 7, 8} and all(150 < lengths.count(n) < 250 for n in range(5, 9))


class Sparse(ArrayAnnotation):
    """Every ``step``-th frame is annotated, from ``first`` on, and shows object 1."""

    def __init__(self, first: int, step: int, count: int) -> None:
        masks = [None] * (first + step * count + 7)
        masks[first : first + step * count : step] = [np.ones((2, 2), np.uint8)] * count
        super().__init__(masks)


@given(st.integers(0, 3), st.integers(1, 5), st.integers(3, 8), st.integers(0, 999), RULES, st.booleans())
def test_all_frames_start_at_an_annotated_one_and_stay_between_them(first, step, count, seed, rule, reverse):
    annotation = Sparse(first, step, count)
    sampler = ClipSampler(
        3, 2 * step, reverse_prob=float(reverse), rule=rule, annotated_every=step, frames='all'
    )
    frames, ids = sampler.sample(annotation, np.random.RandomState(seed), 'v')
    annotated = annotation.annotated_frames()
    assert frames[0] in annotated and set(frames[1:]) & set(annotated) and ids == [1]
    assert annotated[0] <= min(frames) and max(frames) <= annotated[-1]
    steps = np.diff(frames) * (-1 if reverse else 1)
    assert ((steps >= 1) & (steps <= 2 * step)).all()


@pytest.mark.parametrize('rule', ['steps', 'near'])
def test_all_frames_are_drawn_and_every_annotated_one_starts_a_clip(rule):
    rng, annotation = np.random.RandomState(0), Sparse(2, 4, 4)
    sampler = ClipSampler(3, 4, annotated_every=4, rule=rule, frames='all')
    clips = [sampler.sample(annotation, rng, 'v')[0] for _ in range(600)]
    assert {t for clip in clips for t in clip} == set(range(2, 15))
    assert {clip[0] for clip in clips} == {2, 6, 10, 14}


def test_a_gap_is_the_same_stretch_of_the_recording_among_all_frames():
    # annotated at 6 fps, of 30; shown at 30 fps or at 6
    for step, reach in ((5, 10), (1, 2)):
        sampler = ClipSampler(2, 10, reverse_prob=0, annotated_every=5, frames='all')
        annotated, rng = list(range(0, 20 * step, step)), np.random.RandomState(0)
        clips = [sampler.draw(annotated, rng, 'v') for _ in range(300)]
        assert max(b - a for a, b in clips) == reach


def test_where_clips_would_teach_nothing_is_named():
    sampler = ClipSampler(2, 3, annotated_every=30, frames='all')
    with pytest.raises(AnnotationError, match='video v: no second annotated frame .*Raise max_gap'):
        sampler.sample(Sparse(0, 30, 3), np.random.RandomState(0), 'v')


def test_wrong_numbers_and_kinds_of_frames_are_config_errors():
    for wrong in (0, (3, 2), (0, 4), (1, 2, 3)):
        with pytest.raises(ConfigError, match='clip_sampler.num_frames: found .*expected 1 or more'):
            ClipSampler(wrong)
    with pytest.raises(ConfigError, match="clip_sampler.frames: found 'some', expected one of"):
        ClipSampler(frames='some')


@pytest.mark.parametrize('key', ['max_objects', 'tries', 'annotated_every'])
def test_numbers_below_1_are_config_errors(key):
    with pytest.raises(ConfigError, match=f'clip_sampler.{key}: found 0, expected 1 or more'):
        ClipSampler(**{key: 0})


def test_a_wrong_rule_or_gap_is_a_config_error():
    with pytest.raises(ConfigError, match="clip_sampler.rule: found 'walk', expected one of"):
        ClipSampler(rule='walk')
    with pytest.raises(ConfigError, match='clip_sampler.max_gap: found 0, expected 1 or more'):
        ClipSampler(max_gap=0)


def test_a_video_shorter_than_the_clip_is_named():
    with pytest.raises(AnnotationError, match='video bear: 2 annotated frames, a clip needs 3.*num_frames'):
        ClipSampler(3).draw([0, 1], np.random.RandomState(0), 'bear')


def test_at_most_so_many_objects_chosen_at_random_in_order():
    rng, sampler = np.random.RandomState(0), ClipSampler(max_objects=2)
    assert sampler.objects([9, 200], rng) == [9, 200]
    drawn = {tuple(sampler.objects([3, 9, 200], rng)) for _ in range(50)}
    assert drawn == {(3, 9), (3, 200), (9, 200)}


def test_a_clip_starts_where_an_object_is():
    masks = np.zeros((10, 4, 4), np.uint8)
    masks[6:, 1, 1] = 17
    sampler, rng = ClipSampler(2, 2, reverse_prob=0.5), np.random.RandomState(0)
    for _ in range(20):
        frames, ids = sampler.sample(ArrayAnnotation(masks), rng, 'v')
        assert frames[0] >= 6 and ids == [17]


def test_a_frame_is_read_once_however_rare_objects_are():
    class Counted(ArrayAnnotation):
        reads = 0

        def boxes(self, t):
            self.reads += 1
            return super().boxes(t)

    masks = np.zeros((30, 4, 4), np.uint8)
    masks[13, 1, 1] = 2
    for seed in range(20):
        annotation = Counted(masks)
        frames, _ = ClipSampler(2, 2).sample(annotation, np.random.RandomState(seed), 'v')
        assert frames[0] == 13 and annotation.reads <= 30


def test_a_video_without_objects_is_named():
    with pytest.raises(AnnotationError, match='video fog: no object in .*remove the video'):
        ClipSampler(2).sample(ArrayAnnotation(np.zeros((5, 4, 4), np.uint8)), np.random.RandomState(0), 'fog')
