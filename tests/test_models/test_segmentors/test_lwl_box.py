"""LWL that starts from boxes: the shared contract, and what is its own."""

import copy

import numpy as np
import torch
from box_to_mask_tester import BoxToMaskTester
from segmentor_tester import MatchingSegmentorTester
from small_models import small_lwl, small_lwl_box
from small_videos import make_clip, moving_squares

from vosplug.models.training.start import fill_boxes
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt, stack_fields


class TestLWLBox(MatchingSegmentorTester):
    large_weights = True
    steps = 20

    def config(self) -> dict:
        return small_lwl_box()

    def build(self, seed: int = 0, **changes):
        """Boxes have a mask even if nothing is trained."""
        model = super().build(seed, **changes)
        torch.nn.init.constant_(model.decode_head.predict.bias, 1.0)
        return model

    def clip_changes(self) -> dict:
        return dict(memory=dict(self.config()['memory'], max_frames=100))

    def test_mixed_supervision_gives_every_parameter_a_finite_gradient(self, model):
        model.train()
        self.total_loss(model, make_clip('mask'), make_clip('box', seed=1)).backward()
        for name, parameter in model.named_parameters():
            trained = name.startswith('box_label_encoder.')
            assert trained == parameter.requires_grad == (parameter.grad is not None), name
            assert not trained or parameter.grad.isfinite().all()

    def test_only_the_encoder_of_boxes_changes_in_training(self, model):
        before = copy.deepcopy(model.state_dict())
        model.train()
        optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 1e-2)
        self.total_loss(model, make_clip('mask')).backward()
        optimizer.step()
        changed = {key for key, value in model.state_dict().items() if not torch.equal(value, before[key])}
        assert changed and all(key.startswith('box_label_encoder.') for key in changed)

    def test_the_first_frame_learns_from_masks_though_it_starts_from_boxes(self, model):
        """A clip of two frames with a mask in the first alone has something to learn from."""
        clip = make_clip('mask')
        supervision = clip['data_samples'].supervision
        supervision.data[1:] = 0  # nothing is known later
        batch = self.batch(model, clip)
        logits, first = model.clip_logits(batch['inputs'], stack_fields(batch['data_samples']))
        assert first.shape[1] == 1 and logits.shape[1] == 2
        self.total_loss(model.train(), clip).backward()
        assert model.box_label_encoder.labels[0].weight.grad.abs().sum() > 0

    def test_training_starts_from_the_masks_that_a_stream_starts_from(self, model, monkeypatch):
        """Both are made of the boxes alone."""
        remembered = []
        remember = model.remember_step
        monkeypatch.setattr(
            model, 'remember_step', lambda *args: remembered.append(args[3].clone()) or remember(*args)
        )
        batch = self.batch(model, make_clip('box'))
        targets = stack_fields(batch['data_samples'])
        with torch.no_grad():
            model.clip_logits(batch['inputs'], targets)
        trained = remembered[0]
        remembered.clear()
        frames, _ = moving_squares()
        boxes = targets['boxes'][0, 0].numpy()
        self.drain(model, frames[:1], {0: [ObjectPrompt(k, box=box) for k, box in enumerate(boxes, 1)]})
        # a stream aggregates objects of which it knows no more than their probabilities, too
        torch.testing.assert_close(remembered[0], trained, atol=1e-3, rtol=1e-3)
        filled = fill_boxes(targets['boxes'][:, 0], frames[0].shape[:2])
        assert trained[~filled].max() < 1e-4 < trained[filled].min()

    def test_a_copy_starts_from_its_own_weights(self, model):
        other = copy.deepcopy(model)
        with torch.no_grad():
            other.box_label_encoder.labels[0].weight.mul_(-3)
            other.box_label_encoder.labels[0].bias.add_(1)
        frames = [np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)]
        boxes = {0: np.array([[8, 8, 40, 40]], np.float32)}
        assert not np.array_equal(model.initializer(frames, 0, boxes), other.initializer(frames, 0, boxes))

    def test_another_initializer_can_take_its_place(self):
        model = self.build(initializer=dict(type='FilledBoxInitializer'))
        assert type(model.initializer).__name__ == 'FilledBoxInitializer'


class TestLWLBoxInitializer(BoxToMaskTester):
    def model(self):
        torch.manual_seed(0)
        return MODELS.build(small_lwl_box()).eval().initializer


def test_weights_of_an_lwl_fit_but_for_the_encoder_of_boxes():
    missing, unexpected = MODELS.build(small_lwl_box()).load_state_dict(
        MODELS.build(small_lwl()).state_dict(), strict=False
    )
    assert not unexpected and all(key.startswith('box_label_encoder.') for key in missing)
