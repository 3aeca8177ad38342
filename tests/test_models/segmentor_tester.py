"""The contract every segmentor is held to; a method joins by naming its config.

>>> class TestMyMethod(SegmentorTester):
...     def config(self):
...         return dict(type='MyMethod', channels=8)
"""

from abc import ABC, abstractmethod

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from small_videos import (
    SIZE,
    CountingSource,
    logits_of,
    make_clip,
    mask_prompts,
    moving_squares,
    states_during,
    tensor_bytes,
    with_empty_slots,
)
from torch import Tensor

from vosplug.checkpoint import load_weights
from vosplug.errors import ConfigError, PromptError, VOSError
from vosplug.registry import MODELS
from vosplug.structures import (
    ArraySource,
    FrameResult,
    ObjectPrompt,
)


class SegmentorTester(ABC):
    """Subclass, name the class ``Test...`` and give :meth:`config`; keep the model tiny."""

    # without normalisation a small network keeps little of its input unless its weights are large
    large_weights = False
    # with which the loss falls by a tenth
    steps, learning_rate = 8, 3e-3

    @abstractmethod
    def config(self) -> dict:
        """Config of a model of some thousand parameters, without ``test_cfg``."""

    @abstractmethod
    def clip_changes(self) -> dict:
        """Changes of the config with which a stream remembers what is remembered of training clips."""

    def build(self, seed: int = 0, **changes):
        """A model without neutral starts: every path of it shows in what comes out."""
        init_default_scope('vosplug')
        torch.manual_seed(seed)
        model = MODELS.build({**self.config(), **changes})
        model.init_weights()
        for parameter in model.parameters():
            if not parameter.detach().any():
                torch.nn.init.normal_(parameter, std=0.05)
        for module in model.modules():
            if self.large_weights and isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight)
        return model.eval()

    @staticmethod
    def batch(model, *clips: dict) -> dict:
        """Clips as training passes them."""
        data = dict(inputs=[c['inputs'] for c in clips], data_samples=[c['data_samples'] for c in clips])
        return model.data_preprocessor(data, training=True)

    @classmethod
    def losses(cls, model, *clips: dict) -> dict[str, Tensor]:
        return model(**cls.batch(model, *clips), mode='loss')

    @classmethod
    def total_loss(cls, model, *clips: dict) -> Tensor:
        return model.parse_losses(cls.losses(model, *clips))[0]

    @staticmethod
    def drain(model, frames, prompts, **kwargs) -> list[FrameResult]:
        return list(model.stream(frames, prompts, **kwargs))

    @pytest.fixture
    def model(self):
        return self.build()

    @pytest.fixture
    def video(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        return moving_squares(frames=6)

    # ------------------------------------------------------------------ training

    def test_tensor_mode_gives_logits_of_all_frames_but_the_first(self, model):
        batch = self.batch(model, make_clip(), make_clip('box', seed=1))
        logits = model(**batch, mode='tensor')
        assert logits.shape == (2, 2, 2, *SIZE) and logits.isfinite().all()

    def test_losses_are_finite_scalars_named_loss(self, model):
        losses = self.losses(model, make_clip(), make_clip('box'))
        assert losses and all(name.startswith('loss') for name in losses)
        assert all(loss.ndim == 0 and loss.isfinite() for loss in losses.values())

    def test_mixed_supervision_gives_every_parameter_a_finite_gradient(self, model):
        model.train()
        self.total_loss(model, make_clip('mask'), make_clip('box', seed=1)).backward()
        bad = {n for n, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()}
        assert not bad

    @pytest.mark.parametrize('kind', ['mask', 'box'])
    def test_one_kind_of_supervision_alone_trains(self, model, kind):
        model.train()
        self.total_loss(model, make_clip(kind)).backward()
        assert sum(p.grad.abs().sum() for p in model.parameters() if p.grad is not None) > 0

    def test_a_few_steps_lower_the_loss(self):
        model = self.build().train().requires_grad_()
        optimizer = torch.optim.Adam(model.parameters(), self.learning_rate)
        history = []
        for _ in range(self.steps):
            optimizer.zero_grad()
            loss = self.total_loss(model, make_clip('mask'), make_clip('box', seed=1))
            loss.backward()
            optimizer.step()
            history.append(loss.item())
        assert min(history[-3:]) < 0.9 * history[0]

    def test_clips_of_other_sizes_share_a_batch(self, model):
        clips = make_clip(size=(51, 77)), make_clip('box', size=(40, 60))
        batch = self.batch(model, *clips)
        height, width = batch['inputs'].shape[-2:]
        assert height >= 51 and width >= 77
        assert model(**batch, mode='tensor').shape[-2:] == (height, width)
        assert self.total_loss(model, *clips).isfinite()

    def test_other_clips_of_the_batch_and_their_objects_change_nothing(self, model):
        one, three = make_clip(objects=1), make_clip('box', objects=3, seed=1)
        alone = model(**self.batch(model, one), mode='tensor')
        together = model(**self.batch(model, three, one), mode='tensor')
        assert torch.allclose(together[1:, :, :1], alone, atol=1e-4)

    @pytest.mark.parametrize('kind', ['mask', 'box'])
    def test_slots_that_fill_the_batch_do_not_change_the_loss(self, model, kind):
        clip = make_clip(kind)
        padded = dict(clip, data_samples=with_empty_slots(clip['data_samples'], 2))
        found = self.losses(model, padded)
        for name, loss in self.losses(model, clip).items():
            assert found[name].item() == pytest.approx(loss.item(), abs=1e-5), name

    @pytest.mark.parametrize('kind', ['mask', 'box'])
    def test_a_clip_whose_objects_were_cropped_out_gives_a_finite_loss(self, model, kind):
        clip = make_clip(kind, shown=[])
        assert not clip['data_samples'].valid.any()
        loss = self.total_loss(model.train(), clip)
        loss.backward()
        assert loss.isfinite()
        assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)

    def test_the_same_seed_gives_the_same_loss(self):
        first, second = (self.total_loss(self.build(seed=3), make_clip(), make_clip('box')) for _ in range(2))
        assert first.item() == second.item()

    # ------------------------------------------------------------------ inference

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

    def test_training_equals_streaming(self):
        """Logits of a clip are those of a stream whose memory keeps what that of clips keeps."""
        model = self.build(**self.clip_changes())
        frames, masks = moving_squares(frames=5)
        trained = model(**self.batch(model, make_clip(frames=5)), mode='tensor')[0]
        streamed = logits_of(model, frames, {0: mask_prompts(masks[0])})
        torch.testing.assert_close(trained, torch.stack(streamed), atol=1e-4, rtol=1e-4)

    def test_a_state_does_not_grow_with_the_video(self, model):
        frames, masks = moving_squares(frames=8)
        looped = [frames[t % 8] for t in range(90)]
        prompts = {0: mask_prompts(masks[0])}
        sizes = [tensor_bytes(state) for state, _ in states_during(model, looped, prompts)]
        assert 0 < max(sizes[45:]) <= max(sizes[:45])

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

    def test_saved_and_loaded_gives_the_same_masks(self, model, video, tmp_path):
        frames, masks = video
        prompts = {0: mask_prompts(masks[0])}
        torch.save(dict(state_dict=model.state_dict(), meta=dict(iter=3)), tmp_path / 'model.pth')
        other = self.build(seed=99)
        assert load_weights(other, tmp_path / 'model.pth') == dict(iter=3)
        expected = self.drain(model, frames, prompts, return_probs=True)
        for a, b in zip(expected, self.drain(other, frames, prompts, return_probs=True), strict=True):
            assert np.array_equal(a.mask, b.mask) and np.array_equal(a.probs, b.probs)

    def test_prompts_that_do_not_fit_are_refused_before_the_first_frame(self, model, video):
        frames, masks = video
        for prompts in (
            {0: [ObjectPrompt(1, mask=np.ones((5, 5), bool))]},
            {len(frames): mask_prompts(masks[0])},
            {0: [ObjectPrompt(1, box=(100, 100, 120, 120))]},
        ):
            with pytest.raises(PromptError):
                model.stream(frames, prompts)

    def test_unknown_modes_and_test_options_are_refused(self, model):
        with pytest.raises(ConfigError, match='predikt'):
            model([], [], mode='predikt')
        with pytest.raises(ConfigError, match='short_sid'):
            self.build(test_cfg=dict(short_sid=240))


class MatchingSegmentorTester(SegmentorTester):
    """What :class:`~vosplug.models.segmentors.MatchingSegmentor` promises beyond that."""

    def test_a_frame_is_encoded_once(self, model, monkeypatch):
        frames, masks = moving_squares(frames=4)
        calls = []
        encode = model.encode
        monkeypatch.setattr(model, 'encode', lambda images: calls.append(1) or encode(images))
        self.drain(model, frames, {0: mask_prompts(masks[0])})
        assert len(calls) == len(frames)
