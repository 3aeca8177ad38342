"""MaskTrack: the shared contract, and what is its own."""

import copy

import numpy as np
import pytest
import torch
from adapting import build
from segmentor_tester import SegmentorTester
from small_models import GROUP_NORM, resnet, small_mask_track
from small_videos import (
    SIZE,
    CountingSource,
    logits_of,
    make_clip,
    mask_prompts,
    moving_squares,
    states_during,
)
from torch import nn

from vosplug.errors import ConfigError
from vosplug.evaluation.functional import jaccard
from vosplug.models import FlowMagnitudeSource
from vosplug.models.segmentors.reach import within_reach
from vosplug.structures import ArraySource, ObjectPrompt


class MaskTrackTester(SegmentorTester):
    large_weights = True

    def clip_changes(self) -> dict:
        return {}


class TestMaskTrack(MaskTrackTester):
    def config(self) -> dict:
        return small_mask_track()

    def test_a_clip_with_input_masks_is_made_of_single_frames(self, model):
        """Order and number of frames do not matter, and every frame's own mask does."""
        clip = make_clip(frames=3)
        masks = torch.rand(3, 2, *SIZE).round()
        clip['data_samples'].set_data(dict(input_masks=masks))
        loss = self.total_loss(model, clip)
        order = [2, 0, 1]
        turned = dict(inputs=clip['inputs'][order], data_samples=clip['data_samples'].clone())
        for name in ('input_masks', 'id_masks', 'boxes', 'visible', 'supervision', 'annotated'):
            turned['data_samples'].set_data({name: clip['data_samples'].get(name)[order]})
        assert self.total_loss(model, turned).item() == pytest.approx(loss.item(), abs=1e-5)
        clip['data_samples'].set_data(dict(input_masks=1 - masks))
        assert abs(self.total_loss(model, clip).item() - loss.item()) > 1e-4

    def test_the_loss_is_the_softmax_over_object_and_background(self, model):
        clip = make_clip(frames=1, objects=1)
        clip['data_samples'].set_data(dict(input_masks=torch.zeros(1, 1, *SIZE)))
        batch = self.batch(model, clip)
        scores = model.network(torch.cat([batch['inputs'][0], torch.zeros(1, 1, *SIZE)], 1), mode='tensor')
        scores = nn.functional.interpolate(scores, SIZE, mode='bilinear')
        expected = nn.functional.cross_entropy(scores, batch['data_samples'][0].id_masks.long())
        assert self.losses(model, clip)['loss_bce'].item() == pytest.approx(expected.item(), rel=1e-4)

    def test_the_network_sees_the_dilated_mask_of_the_frame_before(self, model, monkeypatch):
        frames, masks = moving_squares(frames=3, objects=1)
        seen, refine = [], model.refine
        monkeypatch.setattr(model, 'refine', lambda i, m: seen.append(m[0, 0]) or refine(i, m))
        results = list(model.stream(frames, {0: mask_prompts(masks[0])}))
        grown = nn.functional.max_pool2d(torch.from_numpy(masks[0] == 1).float()[None], 3, 1, 1)[0]
        cross = grown.bool() & (seen[0] > 0)
        assert torch.equal(cross, seen[0] > 0) and seen[0].sum() > (masks[0] == 1).sum()
        before = torch.from_numpy(results[1].mask == 1)
        assert (seen[1].bool() & before).sum() == before.sum()

    def test_an_object_that_disappears_keeps_its_last_mask_as_guidance(self, model):
        state = model.new_state(clip=False)
        shown = torch.zeros(1, 2, 8, 8)
        shown[0, 0, :3], shown[0, 1, 5:] = 0.9, 0.8
        model.remember_step(state, 0, None, shown, (0, 1))
        assert torch.equal(state.masks, (shown > 0.5).float())
        gone = shown * torch.tensor([1.0, 0]).view(1, 2, 1, 1)
        model.remember_step(state, 1, None, gone, ())
        assert torch.equal(state.masks, (shown > 0.5).float())
        model.remember_step(state, 2, None, gone, (1,))
        assert torch.equal(state.masks, (gone > 0.5).float()), 'a prompt says that it is not there'

    def test_prompts_of_the_whole_image(self, model):
        frames, masks = moving_squares(frames=3)
        prompts = [ObjectPrompt(1, mask=np.ones(SIZE, bool)), ObjectPrompt(2, mask=masks[0] == 2)]
        results = self.drain(model, frames, {0: prompts[:1], 1: prompts[1:]}, return_probs=True)
        assert (results[0].mask == 1).all()
        assert all(np.isfinite(r.probs).all() and set(r.scores) <= {1, 2} for r in results)

    def test_objects_are_separate_problems(self, model):
        frames, masks = moving_squares(frames=3)
        one, two = mask_prompts(masks[0])
        both = [state.masks for state, _ in states_during(model, frames[:1], {0: [one, two]})][0]
        alone = [state.masks for state, _ in states_during(model, frames[:1], {0: [two]})][0]
        image = torch.randn(1, 3, *SIZE)
        torch.testing.assert_close(
            model.segment_step(type('S', (), dict(masks=both)), 1, image)[:, 1:],
            model.segment_step(type('S', (), dict(masks=alone)), 1, image),
            atol=1e-4,
            rtol=1e-4,
        )

    def test_an_object_is_looked_for_within_reach_of_its_last_mask(self):
        model = self.build(reach=0.5)
        masks = torch.zeros(1, 1, 20, 30)
        masks[0, 0, 8:12, 10:16] = 1
        state, image = type('S', (), dict(masks=masks)), torch.randn(1, 3, 20, 30)
        limited = model.segment_step(state, 1, image)
        assert model.train().segment_step(state, 1, image).min() > -10, 'training is not limited'
        model.eval().reach = None
        free = model.segment_step(state, 1, image)
        assert torch.equal(limited, within_reach(free, masks, 0.5)) and not torch.equal(limited, free)

    @pytest.mark.parametrize('change', [dict(guidance='boxes'), dict(dilation=-1), dict(reach=-0.1)])
    def test_impossible_options(self, change):
        with pytest.raises(ConfigError, match=r"guidance to be one of \('mask', 'box', 'none'\), dilation 0"):
            self.build(**change)

    def test_a_network_with_another_number_of_outputs(self):
        network = self.config()['network']
        network['decode_head'].update(num_classes=3, out_channels=3)
        with pytest.raises(ConfigError, match='model.network: has 3 output channels, expected 2'):
            self.build(network=network)


class TestMaskTrackOfBoxes(MaskTrackTester):
    """The box of the previous result is fed in every frame."""

    def config(self) -> dict:
        return small_mask_track(guidance='box')

    def test_the_network_sees_boxes(self, model, monkeypatch):
        frames, masks = moving_squares(frames=2)
        seen, refine = [], model.refine
        monkeypatch.setattr(model, 'refine', lambda i, m: seen.append(m[0]) or refine(i, m))
        cross = np.zeros(SIZE, bool)
        cross[10:20, 15], cross[15, 10:30] = True, True
        list(model.stream(frames, {0: [ObjectPrompt(1, mask=cross)]}))
        assert seen[0][0, 10:20, 10:30].all() and not seen[0][0, 8].any()


class Brightness:
    """A flow that says how bright a frame is, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, source, t) -> np.ndarray:
        self.asked.append(t)
        return np.repeat((source[t - 1] + source[t]).mean(-1, keepdims=True), 2, -1).astype(np.float32)


class TestFlow:
    @pytest.fixture
    def model(self):
        model = TestMaskTrack().build()
        model.flow = Brightness()
        return model

    def test_scores_of_image_and_flow_are_averaged(self, model):
        frames, masks = moving_squares(frames=2)
        prompts = {0: mask_prompts(masks[0])}
        motion = FlowMagnitudeSource(ArraySource(frames), Brightness())
        both = logits_of(model, frames, prompts)[0]
        model.flow = None
        image, magnitude = (
            logits_of(model, [frames[0], second], prompts)[0] for second in (frames[1], motion[1])
        )
        assert (image - magnitude).abs().max() > 0.05
        torch.testing.assert_close(both, (image + magnitude) / 2, atol=1e-5, rtol=0)

    def test_an_adapted_copy_segments_the_flow_as_the_model_does(self, model):
        """Adaptation, here to nonsense, is for images."""
        frames, masks = moving_squares(frames=2)
        prompts = {0: mask_prompts(masks[0])}
        copies = []
        for original in (model, model):
            copies.append(copy.deepcopy(original))
            copies[-1].adapted(original)
        for copied in copies:
            nn.init.zeros_(copied.network.decode_head.conv_seg.weight)
            nn.init.zeros_(copied.network.decode_head.conv_seg.bias)
        again = copy.deepcopy(copies[0])
        again.adapted(copies[0])
        motion = FlowMagnitudeSource(ArraySource(frames), Brightness())
        found = [logits_of(m, frames, prompts)[0] for m in (*copies, again)]
        model.flow = None
        expected = logits_of(model, [frames[0], motion[1]], prompts)[0] / 2
        for logits in found:
            torch.testing.assert_close(logits, expected, atol=1e-5, rtol=0)
        assert copies[0].state_dict().keys() == model.state_dict().keys()

    def test_flow_reads_no_frame_twice_and_none_ahead(self, model):
        frames, masks = moving_squares(frames=5)
        source = CountingSource(frames)
        for t, _ in enumerate(model.stream(source, {1: mask_prompts(masks[1])})):
            assert source.decoded == list(range(t + 1))
        assert model.flow.asked == [2, 3, 4]

    def test_views_and_forks_share_the_video(self, model):
        frames, masks = moving_squares(frames=3)
        model.test_cfg.update(flip=True)
        model.initializer.refine = True
        results = list(model.stream(frames, {0: [ObjectPrompt(1, box=(3, 4, 15, 16))]}))
        assert len(results) == 3 and model.flow.asked == [1, 1, 2, 2]


def on_resnet() -> dict:
    """MaskTrack on a network of MMSegmentation that knows nothing of it."""
    head = dict(type='mmseg.FCNHead', in_channels=8, in_index=0, channels=16, num_convs=1, num_classes=2)
    head |= dict(out_channels=2, norm_cfg=GROUP_NORM, loss_decode=dict(type='mmseg.CrossEntropyLoss'))
    backbone = resnet(1, in_channels=4, out_indices=(0,))
    return small_mask_track(network=dict(type='mmseg.EncoderDecoder', backbone=backbone, decode_head=head))


class TestMaskTrackOnResNet(MaskTrackTester):
    def config(self) -> dict:
        return on_resnet()


def test_online_fine_tuning_follows_the_object_better():
    frames, masks = moving_squares(frames=6, objects=1, size=(96, 128))
    pipeline = [dict(type='InputMasks', dilate=1), dict(type='ClipRandomFlip'), dict(type='PackClip')]
    changes = dict(num_frames=1, num_samples=20, per_object=True, steps=80, pipeline=pipeline)
    found = []
    for online in (dict(online=None), changes):
        model = build(on_resnet, test_cfg=dict(aggregation=dict(type='MaxScoreAggregation')), **online)
        before = {key: value.clone() for key, value in model.state_dict().items()}
        results = list(model.stream(frames, {0: mask_prompts(masks[0])}))
        assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
        found.append(np.mean([jaccard(r.mask == 1, m == 1) for r, m in zip(results, masks, strict=True)]))
    assert found[1] > found[0] + 0.2
