"""Clips lie in the video, keep their gaps, and start with an object."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vosplug.datasets import ClipSampler
from vosplug.errors import AnnotationError
from vosplug.structures import ArrayAnnotation


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 30), st.integers(0, 999))
def test_frames_keep_their_gaps(num_frames, max_gap, spare, seed):
    annotated = [5 * t for t in range(num_frames + spare)]
    sampler = ClipSampler(num_frames, max_gap, reverse_prob=0)
    frames = sampler.frames(annotated, np.random.RandomState(seed), 'v')
    steps = np.diff(frames) / 5
    assert len(frames) == num_frames and set(frames) <= set(annotated)
    assert ((steps >= 1) & (steps <= max_gap)).all()
    backwards = ClipSampler(num_frames, max_gap, reverse_prob=1)
    assert backwards.frames(annotated, np.random.RandomState(seed), 'v') == frames[::-1]


def test_every_frame_gap_and_direction_is_drawn():
    rng, sampler = np.random.RandomState(0), ClipSampler(2, 3, reverse_prob=0.5)
    clips = [sampler.frames(list(range(8)), rng, 'v') for _ in range(400)]
    assert {t for clip in clips for t in clip} == set(range(8))
    assert {b - a for a, b in clips} == {-3, -2, -1, 1, 2, 3}
    assert 0.4 < np.mean([b < a for a, b in clips]) < 0.6


def test_a_video_shorter_than_the_clip_is_named():
    with pytest.raises(AnnotationError, match='video bear: 2 annotated frames, a clip needs 3.*num_frames'):
        ClipSampler(3).frames([0, 1], np.random.RandomState(0), 'bear')


def test_at_most_so_many_objects_chosen_at_random_in_order():
    rng, sampler = np.random.RandomState(0), ClipSampler(max_objects=2)
    assert sampler.objects([9, 200], rng) == [9, 200]
    drawn = {tuple(sampler.objects([3, 9, 200], rng)) for _ in range(50)}
    assert drawn == {(3, 9), (3, 200), (9, 200)}


def test_a_clip_starts_where_an_object_is():
    masks = np.zeros((10, 4, 4), np.uint8)
    masks[6:, 1, 1] = 17
    sampler, rng = ClipSampler(2, 2, reverse_prob=0.5, tries=100), np.random.RandomState(0)
    for _ in range(20):
        frames, ids = sampler.sample(ArrayAnnotation(masks), rng, 'v')
        assert frames[0] >= 6 and ids == [17]


def test_a_video_without_objects_is_named():
    with pytest.raises(AnnotationError, match='video fog: no object in .*remove the video'):
        ClipSampler(2).sample(ArrayAnnotation(np.zeros((5, 4, 4), np.uint8)), np.random.RandomState(0), 'fog')
