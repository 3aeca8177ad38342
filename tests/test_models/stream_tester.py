"""The contract of streams, for everything that segments videos; a tracker joins by naming its config.

>>> class TestMyTracker(StreamTester):
...     def config(self):
...         return dict(type='MyTracker')
"""

from abc import ABC, abstractmethod

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from small_videos import (
    SIZE,
    CountingSource,
    mask_prompts,
    moving_squares,
    states_during,
    tensor_bytes,
)

from vosplug.errors import ConfigError, PromptError, VOSError
from vosplug.registry import MODELS
from vosplug.structures import (
    ArraySource,
    FrameResult,
    ObjectPrompt,
)


class StreamTester(ABC):
    """Subclass, name the class ``Test...`` and give :meth:`config`; keep the model tiny."""

    # a state has its final size before half of them
    long_video = 90

    @abstractmethod
    def config(self) -> dict:
        """Config of the model, without ``test_cfg``."""

    def build(self, **changes):
        """The model."""
        init_default_scope('vosplug')
        return MODELS.build({**self.config(), **changes}).eval()

    @staticmethod
    def drain(model, frames, prompts, **kwargs) -> list[FrameResult]:
        return list(model.stream(frames, prompts, **kwargs))

    @pytest.fixture
    def model(self):
        return self.build()

    @pytest.fixture
    def video(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        return moving_squares(frames=6)

    def test_stream_keeps_size_names_and_given_masks(self, model):
        frames, masks = moving_squares(frames=4, size=(51, 77))
        results = self.drain(model, frames, {0: mask_prompts(masks[0])})
        assert [r.index for r in results] == list(range(4))
        assert [r.name for r in results] == [f'{t:05d}' for t in range(4)]
        assert all(r.mask.shape == (51, 77) and r.mask.dtype == np.uint8 for r in results)
        assert np.array_equal(results[0].mask, masks[0])
        assert all(set(r.scores) == {1, 2} for r in results)
        assert all(0 <= score <= 1 for r in results for score in r.scores.values())

    def test_stream_is_the_same_twice_and_leaves_the_mode_alone(self, model, video):
        frames, masks = video
        prompts = {0: mask_prompts(masks[0])}
        model.train()
        first, second = self.drain(model, frames, prompts), self.drain(model, frames, prompts)
        assert model.training
        assert all(np.array_equal(a.mask, b.mask) for a, b in zip(first, second, strict=True))

    def test_stream_decodes_one_frame_per_result(self, model, video):
        frames, masks = video
        source = CountingSource(frames)
        stream = model.stream(source, {0: mask_prompts(masks[0])})
        assert not source.decoded
        for t in range(len(frames)):
            next(stream)
            assert source.decoded == list(range(t + 1))

    @pytest.mark.parametrize('training', [False, True])
    def test_two_streams_of_one_model_do_not_meet(self, model, video, training):
        model.train(training)
        videos = video, moving_squares(frames=6, seed=9, objects=1)
        prompts = [{0: mask_prompts(masks[0])} for _, masks in videos]
        alone = [
            self.drain(model, frames, given, return_probs=True)
            for (frames, _), given in zip(videos, prompts, strict=True)
        ]
        streams = [
            model.stream(frames, given, return_probs=True)
            for (frames, _), given in zip(videos, prompts, strict=True)
        ]
        for pair, expected in zip(zip(*streams, strict=True), zip(*alone, strict=True), strict=True):
            assert all(np.array_equal(a.probs, b.probs) for a, b in zip(pair, expected, strict=True))

    def test_between_results_the_model_is_as_it_was(self, model, video):
        frames, masks = video
        modes = {name: bool(k % 2) for k, (name, _) in enumerate(model.named_modules())}
        for name, module in model.named_modules():
            module.training = modes[name]
        weights = {key: value.clone() for key, value in model.state_dict().items()}
        stream = model.stream(frames, {0: mask_prompts(masks[0])})
        for _ in range(3):
            next(stream)
            assert {name: m.training for name, m in model.named_modules()} == modes
            assert torch.is_grad_enabled()
        stream.close()
        assert {name: m.training for name, m in model.named_modules()} == modes
        assert all(torch.equal(value, weights[key]) for key, value in model.state_dict().items())

    def test_a_stream_that_raises_leaves_the_model_as_it_was(self, model, video):
        frames, masks = video
        prompts = {0: mask_prompts(masks[0])}
        expected = self.drain(model, frames, prompts, return_probs=True)
        model.train()
        damaged = ArraySource([*frames[:2], frames[2][:10], *frames[3:]])
        with pytest.raises((VOSError, RuntimeError)):
            self.drain(model, damaged, prompts)
        assert model.training and torch.is_grad_enabled()
        for a, b in zip(expected, self.drain(model, frames, prompts, return_probs=True), strict=True):
            assert np.array_equal(a.probs, b.probs)

    def test_the_first_mask_decides_the_next_frame(self, model, video):
        frames, masks = video
        other = np.roll(masks[0], 20, 1)
        found = [
            self.drain(model, frames[:2], {0: mask_prompts(mask)}, return_probs=True)[1].probs
            for mask in (masks[0], other)
        ]
        assert np.abs(found[0] - found[1]).max() > 1e-3

    def test_a_correction_changes_later_frames(self, model, video):
        frames, masks = video
        corrected = np.zeros(SIZE, bool)
        corrected[30:40, 40:60] = True
        before = {0: mask_prompts(masks[0])}
        plain = self.drain(model, frames, before, return_probs=True)
        given = {**before, 3: [ObjectPrompt(1, mask=corrected)]}
        results = self.drain(model, frames, given, return_probs=True)
        assert np.array_equal(results[2].probs, plain[2].probs)
        assert np.abs(results[4].probs - plain[4].probs).max() > 1e-3

    def test_a_late_object_is_followed_from_its_own_mask(self, model, video):
        frames, masks = video
        first, _ = mask_prompts(masks[0])
        found = []
        for mask in (masks[3] == 2, np.roll(masks[3] == 2, 14, 0)):
            prompts = {0: [first], 3: [ObjectPrompt(2, mask=mask)]}
            found.append(self.drain(model, frames, prompts, return_probs=True)[4].probs[2])
        assert np.abs(found[0] - found[1]).max() > 1e-3

    def test_a_state_does_not_grow_with_the_video(self, model):
        frames, masks = moving_squares(frames=8)
        half = self.long_video // 2
        looped = [frames[t % 8] for t in range(self.long_video)]
        prompts = {0: mask_prompts(masks[0])}
        sizes = [tensor_bytes(state) for state, _ in states_during(model, looped, prompts)]
        assert 0 < max(sizes[half:]) <= max(sizes[:half])

    def test_half_precision_gives_finite_results_that_resemble_full_precision(self, model, video):
        frames, masks = video
        prompts = {0: mask_prompts(masks[0])}
        full = self.drain(model, frames, prompts, return_probs=True)
        with torch.autocast('cpu', torch.bfloat16):
            half = self.drain(model, frames, prompts, return_probs=True)
        for a, b in zip(full, half, strict=True):
            assert np.isfinite(b.probs).all() and np.abs(a.probs - b.probs).mean() < 0.1

    def test_probs_are_a_distribution_in_object_order(self, model, video):
        frames, masks = video
        first, second = mask_prompts(masks[0])
        results = self.drain(model, frames, {1: [second], 3: [first]}, return_probs=True)
        for result, known in zip(results, (0, 1, 1, 2, 2, 2), strict=True):
            assert result.object_ids == [2, 1][:known]
            assert result.probs.shape == (known + 1, *SIZE) and result.probs.dtype == np.float32
            assert np.allclose(result.probs.sum(0), 1, atol=1e-4)

    def test_results_before_a_late_object_do_not_depend_on_it(self, model, video):
        frames, masks = video
        first, second = mask_prompts(masks[0])
        late = ObjectPrompt(2, mask=masks[3] == 2)
        without = self.drain(model, frames, {0: [first]})
        results = self.drain(model, frames, {0: [first], 3: [late]})
        for t in range(3):
            assert np.array_equal(results[t].mask, without[t].mask)
        assert np.array_equal(results[3].mask == 2, late.mask)
        assert all(2 in result.scores for result in results[3:])

    def test_a_video_of_one_frame_shows_the_given_masks(self, model, video):
        frames, masks = video
        (result,) = self.drain(model, frames[:1], {0: mask_prompts(masks[0])})
        np.testing.assert_array_equal(result.mask, masks[0])

    def test_an_object_of_the_last_frame_is_in_none_before(self, model, video):
        frames, masks = video
        prompts = {0: [ObjectPrompt(1, mask=masks[0] == 1)], 5: [ObjectPrompt(2, mask=masks[5] == 2)]}
        results = self.drain(model, frames, prompts)
        assert not any((result.mask == 2).any() for result in results[:5])
        np.testing.assert_array_equal(results[5].mask == 2, masks[5] == 2)

    def test_an_object_without_pixels_is_followed_without_errors(self, model, video):
        frames, masks = video
        start = [ObjectPrompt(1, mask=masks[0] == 1), ObjectPrompt(2, mask=np.zeros(SIZE, bool))]
        prompts = {0: start, 5: [ObjectPrompt(2, mask=masks[5] == 2)]}
        results = self.drain(model, frames, prompts, return_probs=True)
        assert not (results[0].mask == 2).any()
        assert all(np.isfinite(result.probs).all() for result in results)

    def test_frames_before_the_first_prompt_are_empty(self, model, video):
        frames, masks = video
        results = self.drain(model, frames, {2: mask_prompts(masks[2])})
        assert not any(result.mask.any() or result.scores for result in results[:2])
        assert np.array_equal(results[2].mask, masks[2])

    def test_a_correction_replaces_a_known_object(self, model, video):
        frames, masks = video
        corrected = np.zeros(SIZE, bool)
        corrected[30:40, 40:60] = True
        before = {0: mask_prompts(masks[0])}
        plain = self.drain(model, frames, before)
        results = self.drain(model, frames, {**before, 3: [ObjectPrompt(1, mask=corrected)]})
        assert np.array_equal(results[2].mask, plain[2].mask)
        assert np.array_equal(results[3].mask == 1, corrected)
        assert set(results[4].scores) == {1, 2}

    def test_a_box_starts_an_object(self, model, video):
        frames, _ = video
        results = self.drain(model, frames, {0: [ObjectPrompt(4, box=(3, 4, 15, 16))]})
        rows, cols = np.nonzero(results[0].mask == 4)
        assert rows.size and 3 <= cols.mean() <= 15 and 4 <= rows.mean() <= 16

    def test_boxes_and_masks_start_objects_of_one_frame(self, model, video):
        frames, masks = video
        prompts = [ObjectPrompt(1, mask=masks[0] == 1), ObjectPrompt(2, box=(24, 7, 36, 19))]
        results = self.drain(model, frames, {0: prompts})
        assert np.array_equal(results[0].mask == 1, masks[0] == 1) and (results[0].mask == 2).any()

    def test_ids_are_names_only(self, model, video):
        frames, masks = video
        names = {1: 7, 2: 200}
        plain = self.drain(model, frames, {0: mask_prompts(masks[0])})
        renamed = self.drain(model, frames, {0: mask_prompts(masks[0], names)})
        table = np.zeros(256, np.uint8)
        table[list(names)] = list(names.values())
        for a, b in zip(plain, renamed, strict=True):
            assert np.array_equal(table[a.mask], b.mask)
            assert {names[i]: score for i, score in a.scores.items()} == b.scores

    def test_flip_and_scales_average_to_a_distribution(self, video):
        frames, masks = video
        model = self.build(test_cfg=dict(short_side=40, flip=True, scales=(0.75, 1.0)))
        results = self.drain(model, frames, {0: mask_prompts(masks[0])}, return_probs=True)
        assert all(r.probs.shape == (3, *SIZE) and np.allclose(r.probs.sum(0), 1, atol=1e-4) for r in results)

    def test_with_flip_a_mirrored_video_gives_mirrored_results(self, video):
        frames, masks = video
        model = self.build(test_cfg=dict(flip=True))
        plain = self.drain(model, frames, {0: mask_prompts(masks[0])}, return_probs=True)
        mirrored_frames = [np.ascontiguousarray(f[:, ::-1]) for f in frames]
        prompts = {0: mask_prompts(masks[0][:, ::-1])}
        for a, b in zip(plain, self.drain(model, mirrored_frames, prompts, return_probs=True), strict=True):
            assert np.allclose(a.probs, b.probs[..., ::-1], atol=1e-3)

    def test_prompts_that_do_not_fit_are_refused_before_the_first_frame(self, model, video):
        frames, masks = video
        for prompts in (
            {0: [ObjectPrompt(1, mask=np.ones((5, 5), bool))]},
            {len(frames): mask_prompts(masks[0])},
            {0: [ObjectPrompt(1, box=(100, 100, 120, 120))]},
        ):
            with pytest.raises(PromptError):
                model.stream(frames, prompts)

    def test_unknown_test_options_are_refused(self):
        with pytest.raises(ConfigError, match='short_sid'):
            self.build(test_cfg=dict(short_sid=240))
