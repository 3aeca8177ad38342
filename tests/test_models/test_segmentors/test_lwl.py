"""LWL: the shared contract, and what is its own."""

import pytest
import torch
from segmentor_tester import MatchingSegmentorTester
from small_models import small_lwl
from small_videos import moving_squares, states_during

from vosplug.errors import VOSError
from vosplug.structures import ObjectPrompt


class Doubling(torch.nn.Module):
    def forward(self, levels):
        return [2 * level for level in levels]


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

    def test_a_neck_gives_the_levels_that_are_decoded(self, model):
        images = torch.rand(1, 3, 32, 32)
        plain = model.encode(images)
        model.neck = Doubling()
        found = model.encode(images)
        assert all(torch.equal(a, 2 * b) for a, b in zip(found.features, plain.features, strict=True))
        assert torch.equal(found.key, plain.key)

    def test_a_backbone_of_a_single_tensor_is_refused(self, model):
        model.backbone = torch.nn.Conv2d(3, 32, 3)
        with pytest.raises(VOSError, match='Conv2d returned one tensor, expected a tuple of levels'):
            model.encode(torch.rand(3, 3, 32, 32))
