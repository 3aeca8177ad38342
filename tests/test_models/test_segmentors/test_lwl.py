"""LWL: the shared contract, and what is its own."""

import torch
from segmentor_tester import MatchingSegmentorTester
from small_models import small_lwl
from small_videos import moving_squares, states_during

from vosplug.structures import ObjectPrompt


class TestLWL(MatchingSegmentorTester):
    large_weights = True

    def config(self) -> dict:
        return small_lwl()

    def clip_changes(self) -> dict:
        return dict(memory=dict(self.config()['memory'], max_frames=100))

    def test_memory_is_bounded_whatever_the_length(self, model):
        frames, masks = moving_squares(frames=8)
        looped = [frames[t % 8] for t in range(40)]
        prompts = {0: [ObjectPrompt(1, mask=masks[0] == 1)]}
        lengths = [len(state) for state, _ in states_during(model, looped, prompts)]
        assert max(lengths) == lengths[-1] == 1 + 2

    def test_filters_follow_the_video(self, model):
        frames, masks = moving_squares(frames=4)
        prompts = {0: [ObjectPrompt(1, mask=masks[0] == 1)]}
        filters = [state.filters for state, _ in states_during(model, frames, prompts)]
        assert not torch.equal(filters[0], filters[-1])
