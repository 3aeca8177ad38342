"""The space-time memory network: the shared contract, and what is its own."""

import pytest
import torch
from segmentor_tester import MatchingSegmentorTester
from small_models import small_original_stm, small_stm
from small_videos import make_clip, mask_prompts, moving_squares, states_during

from vosplug.models.memory import WorkingMemory
from vosplug.structures import ObjectPrompt, Supervision


def remembered(model, monkeypatch, frames, masks) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Keys and values of all frames that a stream adds to its memory."""
    seen = []
    write = WorkingMemory.write
    monkeypatch.setattr(
        WorkingMemory,
        'write',
        lambda self, state, t, k, v, p: seen.append((k[0], v[0])) or write(self, state, t, k, v, p),
    )
    list(model.stream(frames, {0: mask_prompts(masks[0])}))
    return seen


class STMTester(MatchingSegmentorTester):
    """What both networks promise."""

    def test_memory_is_bounded_whatever_the_length(self, model):
        frames, masks = moving_squares(frames=8)
        looped = [frames[t % 8] for t in range(60)]
        prompts = {0: [ObjectPrompt(1, mask=masks[0] == 1)]}
        lengths = [len(state) for state, _ in states_during(model, looped, prompts)]
        # the prompted frame, max_frames more, and the previous one
        assert max(lengths) == lengths[-1] == 1 + 2 + 1

    def clip_changes(self) -> dict:
        return dict(memory=dict(self.config()['memory'], mem_every=1, max_frames=None, top_k=None))

    def test_masks_are_remembered_as_empty_in_the_padding(self, model, monkeypatch):
        frames, masks = moving_squares(frames=3, size=(42, 60))
        seen = []
        forward = model.value_encoder.forward
        monkeypatch.setattr(
            model.value_encoder, 'forward', lambda i, f, m: seen.append(m.clone()) or forward(i, f, m)
        )
        list(model.stream(frames, {0: mask_prompts(masks[0])}))
        for probs in seen:
            inside = probs[..., 3:45, 2:62]
            assert probs.shape[-2:] == (48, 64) and inside.min() > 0
            assert probs.sum().item() == pytest.approx(inside.sum().item())

    def test_unknown_memory_options_fail_when_building(self):
        with pytest.raises(TypeError, match='max_frame'):
            self.build(memory=dict(max_frame=3))


class TestSTM(STMTester):
    def config(self) -> dict:
        return small_stm()

    def test_objects_share_the_keys_of_the_image(self, model, monkeypatch):
        for keys, stored in remembered(model, monkeypatch, *moving_squares(frames=3)):
            assert keys.ndim == 3 and stored.shape[0] == 2

    def test_losses_follow_the_kind_of_supervision(self, model):
        masks, boxes = self.losses(model, make_clip('mask')), self.losses(model, make_clip('box'))
        of_boxes = {'loss_projection', 'loss_background', 'loss_pairwise'}
        assert set(masks) == {'loss_ce'} and set(boxes) == of_boxes
        assert masks['loss_ce'] > 0 and boxes['loss_projection'] > 0 and boxes['loss_background'] > 0
        assert set(self.losses(model, make_clip('mask'), make_clip('box'))) == {'loss_ce', *of_boxes}

    def test_an_unsupervised_object_takes_no_part_in_the_loss(self, model):
        clip = make_clip('box')
        clip['data_samples'].supervision[:] = int(Supervision.NONE)
        assert all(loss == 0 for loss in self.losses(model, clip).values())

    def test_padding_of_the_batch_gives_no_pairs(self, model):
        seen = {}
        module = model.decode_head.loss_box[0]
        forward = module.forward
        module.forward = lambda images, **kwargs: (
            seen.update(images=images) or forward(images=images, **kwargs)
        )
        self.losses(model, make_clip(size=(48, 64)), make_clip('box', size=(40, 60)))
        assert seen['images'][0].isfinite().all() and seen['images'][1, ..., :40, :60].isfinite().all()
        assert seen['images'][1, ..., 40:, :].isnan().all() and seen['images'][1, ..., 60:].isnan().all()


class TestOriginalSTM(STMTester):
    def config(self) -> dict:
        return small_original_stm()

    def test_every_object_has_keys_of_its_own(self, model, monkeypatch):
        for keys, stored in remembered(model, monkeypatch, *moving_squares(frames=3)):
            assert keys.shape[:2] == (2, 8) and stored.shape[0] == 2
            assert not torch.isclose(keys[0], keys[1]).all()
