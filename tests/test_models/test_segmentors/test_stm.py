"""The space-time memory network: the shared contract, and what is its own."""

import numpy as np
import pytest
import torch
from segmentor_tester import MatchingSegmentorTester, make_clip, moving_squares
from small_models import small_stm

from vosplug.models.segmentors.inference_view import InferenceView
from vosplug.structures import Supervision


class TestSTM(MatchingSegmentorTester):
    def config(self) -> dict:
        return small_stm()

    def test_memory_is_bounded_whatever_the_length(self, model):
        frames, masks = moving_squares(frames=8)
        view = InferenceView(model, frames[0].shape[:2], 1.0, False)
        given = {0: (masks[0] == 1).astype(np.float32)}
        lengths = []
        with torch.no_grad():
            for t in range(60):
                view.step(t, frames[t % 8], given if t == 0 else {})
                lengths.append(len(view.state.memory))
        # the prompted frame, max_frames more, and the previous one
        assert max(lengths) == lengths[-1] == 1 + 2 + 1

    def test_losses_follow_the_kind_of_supervision(self, model):
        masks, boxes = self.losses(model, make_clip('mask')), self.losses(model, make_clip('box'))
        assert {'loss_ce', 'loss_projection', 'loss_background', 'loss_pairwise'} == set(masks)
        assert masks['loss_ce'] > 0 and masks['loss_projection'] == 0 and masks['loss_background'] == 0
        assert boxes['loss_ce'] == 0 and boxes['loss_projection'] > 0 and boxes['loss_background'] > 0

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

    def test_unknown_memory_options_fail_when_building(self):
        with pytest.raises(TypeError, match='max_frame'):
            self.build(memory=dict(max_frame=3))
