"""The contract every trained method is held to, that of streams included; one joins by naming its config.

>>> class TestMyMethod(SegmentorTester):
...     def config(self):
...         return dict(type='MyMethod', channels=8)
"""

from abc import abstractmethod

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from small_videos import SIZE, logits_of, make_clip, mask_prompts, moving_squares, with_empty_slots
from stream_tester import StreamTester
from torch import Tensor

from vosplug.checkpoint import load_weights
from vosplug.errors import ConfigError
from vosplug.registry import MODELS


class SegmentorTester(StreamTester):
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

    # ------------------------------------------------------------------ training and streams

    def test_training_equals_streaming(self):
        """Logits of a clip are those of a stream whose memory keeps what that of clips keeps."""
        model = self.build(**self.clip_changes())
        frames, masks = moving_squares(frames=5)
        trained = model(**self.batch(model, make_clip(frames=5)), mode='tensor')[0]
        streamed = logits_of(model, frames, {0: mask_prompts(masks[0])})
        torch.testing.assert_close(trained, torch.stack(streamed), atol=1e-4, rtol=1e-4)

    def test_saved_and_loaded_gives_the_same_masks(self, model, video, tmp_path):
        frames, masks = video
        prompts = {0: mask_prompts(masks[0])}
        torch.save(dict(state_dict=model.state_dict(), meta=dict(iter=3)), tmp_path / 'model.pth')
        other = self.build(seed=99)
        assert load_weights(other, tmp_path / 'model.pth') == dict(iter=3)
        expected = self.drain(model, frames, prompts, return_probs=True)
        for a, b in zip(expected, self.drain(other, frames, prompts, return_probs=True), strict=True):
            assert np.array_equal(a.mask, b.mask) and np.array_equal(a.probs, b.probs)

    def test_unknown_modes_are_refused(self, model):
        with pytest.raises(ConfigError, match='predikt'):
            model([], [], mode='predikt')


class MatchingSegmentorTester(SegmentorTester):
    """What :class:`~vosplug.models.segmentors.MatchingSegmentor` promises beyond that."""

    def test_a_frame_is_encoded_once(self, model, monkeypatch):
        frames, masks = moving_squares(frames=4)
        calls = []
        encode = model.encode
        monkeypatch.setattr(model, 'encode', lambda images: calls.append(1) or encode(images))
        self.drain(model, frames, {0: mask_prompts(masks[0])})
        assert len(calls) == len(frames)
