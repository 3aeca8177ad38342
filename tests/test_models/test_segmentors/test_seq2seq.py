"""Seq2Seq: the shared contract, and what is its own."""

import numpy as np
import pytest
import torch
from segmentor_tester import SegmentorTester
from small_models import small_seq2seq
from small_videos import SIZE, make_clip, mask_prompts, moving_squares, states_during, tensor_bytes

from vosplug.errors import ConfigError
from vosplug.models.memory import LSTMState


class Seq2SeqTester(SegmentorTester):
    """What all variants promise."""

    large_weights = True

    def clip_changes(self) -> dict:
        return {}

    def test_a_state_saved_in_the_middle_goes_on_as_if_nothing_had_happened(self, model, tmp_path):
        images = [model.encode(image) for image in torch.randn(6, 1, 3, 64, 96)]
        given = torch.zeros(1, 2, 64, 96)
        given[0, 0, :32, :40], given[0, 1, 40:, 50:] = 1, 1

        def follow(state, times):
            found = []
            for t in times:
                found.append(model.segment_step(state, t, images[t]))
                model.remember_step(state, t, images[t], found[-1].sigmoid(), ())
            return found

        with torch.no_grad():
            state = model.new_state(clip=False)
            model.remember_step(state, 0, images[0], given, (0, 1))
            follow(state, [1, 2])
            torch.save(state, tmp_path / 'state.pth')
            expected = follow(state, [3, 4, 5])
            restored = torch.load(tmp_path / 'state.pth', weights_only=False)
            for a, b in zip(follow(restored, [3, 4, 5]), expected, strict=True):
                assert torch.equal(a, b)

    def test_a_frame_where_all_objects_are_prompted_advances_the_state(self, model, monkeypatch):
        frames, masks = moving_squares(frames=3)
        seen, segment = [], model.segment_step
        monkeypatch.setattr(model, 'segment_step', lambda s, t, f: seen.append(t) or segment(s, t, f))
        list(model.stream(frames, {0: mask_prompts(masks[0]), 1: mask_prompts(masks[1])}))
        assert seen == [1, 2]

    def test_a_later_prompt_starts_its_object_anew_and_leaves_the_others(self, model):
        image = model.encode(torch.randn(1, 3, 64, 96))
        masks = torch.zeros(1, 2, 64, 96)
        masks[0, 0, :32], masks[0, 1, 32:] = 1, 1
        state = model.new_state(clip=False)
        model.remember_step(state, 0, image, masks, (0, 1))
        model.segment_step(state, 1, image)
        advanced = state.advanced
        model.remember_step(state, 1, image, masks, (1,))
        fresh = model.first_state(image, masks[:, 1:])
        for part, moved, started in zip(state.newest, advanced, fresh, strict=True):
            assert torch.equal(part[:, 0], moved[:, 0]) and torch.equal(part[:, 1], started[:, 0])

    @staticmethod
    def check_size(model, length: int) -> None:
        frames, masks = moving_squares(frames=8)
        looped = [frames[t % 8] for t in range(length)]
        sizes = [tensor_bytes(s) for s, _ in states_during(model, looped, {0: mask_prompts(masks[0])})]
        assert len(sizes) == length and len(set(sizes)) == 1

    def test_the_state_has_one_size_whatever_the_length(self, model):
        self.check_size(model, 60)

    def test_gradients_of_clips_of_eleven_frames_are_finite(self, model):
        model.train()
        self.total_loss(model, make_clip(frames=11)).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())

    def test_checkpointed_activations_give_the_same_gradients(self):
        def gradients(checkpointing: bool) -> list[torch.Tensor]:
            torch.manual_seed(0)
            model = self.build(checkpointing=checkpointing).train()
            self.total_loss(model, make_clip(frames=4)).backward()
            return [p.grad for p in model.parameters()]

        for plain, again in zip(gradients(False), gradients(True), strict=True):
            torch.testing.assert_close(plain, again)


class TestSeq2Seq(Seq2SeqTester):
    def config(self) -> dict:
        return small_seq2seq()

    @pytest.mark.slow
    def test_the_state_has_one_size_over_two_thousand_frames(self, model):
        self.check_size(model, 2000)

    def test_checkpointing_keeps_fewer_activations(self):
        def kept(checkpointing: bool) -> int:
            sizes: list[int] = []
            model = self.build(checkpointing=checkpointing).train()

            def pack(tensor: torch.Tensor) -> torch.Tensor:
                sizes.append(tensor.numel())
                return tensor

            with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
                self.total_loss(model, make_clip(frames=11))
            return sum(sizes)

        assert kept(True) < kept(False) / 2

    def test_an_object_is_looked_for_within_reach_of_its_last_mask(self):
        frames, masks = moving_squares(frames=3)
        free, limited = (
            list(self.build(reach=reach).stream(frames, {0: mask_prompts(masks[0])[:1]}, return_probs=True))
            for reach in (None, 0.1)
        )
        rows, cols = np.nonzero(masks[0] == 1)
        far = np.ones(SIZE, bool)
        far[rows.min() - 2 : rows.max() + 3, cols.min() - 2 : cols.max() + 3] = False
        assert limited[1].probs[1][far].max() < 1e-3 < free[1].probs[1][far].max()
        near = masks[0] == 1
        np.testing.assert_allclose(limited[1].probs[1][near], free[1].probs[1][near], atol=1e-5)

    def test_a_negative_reach(self):
        with pytest.raises(ConfigError, match='reach: found -1'):
            self.build(reach=-1)

    def test_truncated_gradients_reach_back_to_the_cut(self):
        def gradient_of_the_first_state(truncate: int) -> torch.Tensor | None:
            model = self.build(truncate=truncate).train()
            self.total_loss(model, make_clip(frames=5)).backward()
            return model.start_cell[0].weight.grad

        assert gradient_of_the_first_state(0).any()
        losses = {k: self.total_loss(self.build(truncate=k), make_clip(frames=5)).item() for k in (0, 2)}
        assert losses[0] == losses[2]
        assert not torch.equal(gradient_of_the_first_state(0), gradient_of_the_first_state(2))


class TestSkips(Seq2SeqTester):
    """The decoder sees the frame's features, too."""

    def config(self) -> dict:
        config = small_seq2seq()
        config['backbone'].update(out_indices=(0, 1, 2))
        config['decode_head'].update(feature_channels=(8, 16))
        return config


class TestMaskAsState(Seq2SeqTester):
    """Without Initializer (Sec. 5.4)."""

    def config(self) -> dict:
        return small_seq2seq(start_backbone=None)

    def test_the_first_state_is_the_small_mask_in_all_channels(self, model):
        image = model.encode(torch.randn(1, 3, 64, 96))
        masks = torch.zeros(1, 2, 64, 96)
        masks[0, 0, :32, :16] = 1
        state = model.first_state(image, masks)
        expected = torch.zeros(1, 2, 8, 4, 6)
        expected[0, 0, :, :2, 0] = 1
        assert isinstance(state, LSTMState)
        assert torch.equal(state.hidden, expected) and torch.equal(state.cell, expected)


class TestPreviousMask(Seq2SeqTester):
    """One network for Initializer and Encoder, which sees the mask of the frame before (Sec. 5.4)."""

    def config(self) -> dict:
        config = small_seq2seq(start_backbone=None, previous_mask=True)
        config['backbone'].update(in_channels=4)
        return config

    def test_the_encoder_sees_the_mask_of_the_frame_before(self, model, monkeypatch):
        frames, masks = moving_squares(frames=3)
        seen, forward = [], model.backbone.forward
        monkeypatch.setattr(model.backbone, 'forward', lambda x: seen.append(x[:, 3].clone()) or forward(x))
        results = list(model.stream(frames, {0: mask_prompts(masks[0])}, return_probs=True))
        assert len(seen) == 3 and torch.equal(seen[0], seen[1]), 'the first frame starts, the second sees it'
        top, left = (seen[2].shape[-2] - SIZE[0]) // 2, (seen[2].shape[-1] - SIZE[1]) // 2
        inside = seen[2][:, top : top + SIZE[0], left : left + SIZE[1]]
        np.testing.assert_allclose(inside, results[1].probs[1:], atol=1e-5)
