"""SAM 2 follows the contract of streams, and its numbers are those of transformers."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from small_sam2 import SIDE, small_sam2, transformers
from small_videos import SIZE, logits_of, mask_prompts, moving_squares, states_during
from stream_tester import StreamTester

from vosplug.errors import ConfigError
from vosplug.models import SAM2Tracker
from vosplug.structures import ObjectPrompt

BOX, POINTS = (3, 4, 15, 16), [(9, 10, 1), (40, 30, 0)]


class TestSAM2Tracker(StreamTester):
    long_video = 36  # it remembers sixteen frames

    def config(self) -> dict:
        return dict(type='SAM2Tracker', model=small_sam2())

    def test_a_box_starts_an_object(self, model, video):
        """Random weights find it elsewhere."""
        frames, _ = video
        results = self.drain(model, frames, {0: [ObjectPrompt(4, box=BOX)]})
        assert (results[0].mask == 4).any() and 4 in results[1].scores

    def test_half_precision_gives_finite_results_that_resemble_full_precision(self, model, video):
        """With random weights another of three masks may be the best, as in transformers."""
        frames, masks = video
        for prompts in (mask_prompts(masks[0])[:1], [ObjectPrompt(1, box=BOX)]):
            with torch.autocast('cpu', torch.bfloat16):
                found, expected = logits_of(model, frames, {0: prompts}), original(frames, {0: prompts})
            assert all(
                torch.equal(a, b) and a.isfinite().all() for a, b in zip(found, expected[1:], strict=True)
            )


@pytest.fixture
def tracker() -> SAM2Tracker:
    return SAM2Tracker(small_sam2())


def seen(frame: np.ndarray) -> torch.Tensor:
    """A frame as transformers prepares it, (1, 3, S, S): RGB, resized, 8 bits, normalised."""
    rgb = torch.from_numpy(frame[..., ::-1].copy()).permute(2, 0, 1)[None]
    rgb = F.interpolate(rgb, (SIDE, SIDE), mode='bilinear', antialias=True).float()
    mean, std = torch.tensor([[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]])
    return (rgb - mean[:, None, None]) / std[:, None, None]


def original(frames: list[np.ndarray], prompts: dict[int, list[ObjectPrompt]]) -> list[torch.Tensor]:
    """Logits (N, H, W) of every frame, by the session of transformers alone."""
    session = transformers.Sam2VideoInferenceSession(dtype=torch.float32)
    scale = torch.tensor([SIDE / SIZE[1], SIDE / SIZE[0]])
    found = []
    for t, frame in enumerate(frames):
        for prompt in prompts.get(t, ()):
            slot = session.obj_id_to_idx(prompt.object_id)
            if prompt.mask is not None:
                mask = torch.from_numpy(prompt.mask)[None, None].float()
                mask = F.interpolate(mask, (SIDE, SIDE), mode='bilinear', antialias=True)
                session.add_mask_inputs(slot, t, (mask >= 0.5).float())
            else:
                corners = prompt.box.reshape(2, 2) if prompt.box is not None else prompt.points[:, :2]
                labels = [2, 3] if prompt.box is not None else prompt.points[:, 2].tolist()
                coords = (torch.from_numpy(corners) * scale)[None, None]
                labels = torch.tensor(labels, dtype=torch.int32)[None, None]
                session.add_point_inputs(slot, t, dict(point_coords=coords, point_labels=labels))
            session.obj_with_new_inputs.append(prompt.object_id)
        logits = small_sam2()(session, frame_idx=t, frame=seen(frame)).pred_masks
        found.append(F.interpolate(logits.float(), SIZE, mode='bilinear')[:, 0])
    return found


@pytest.mark.parametrize('kind', ['masks', 'boxes', 'points'])
def test_logits_are_those_of_transformers(tracker, kind):
    frames, masks = moving_squares(frames=19 if kind == 'masks' else 6)  # pointers of sixteen are read
    prompts = {
        'masks': mask_prompts(masks[0]),
        'boxes': [ObjectPrompt(5, box=BOX), ObjectPrompt(2, box=(24, 7, 36, 19.5))],
        'points': [ObjectPrompt(1, points=POINTS), ObjectPrompt(2, points=POINTS[:1])],
    }[kind]
    found = torch.stack(logits_of(tracker, frames, {0: prompts}))
    assert len({round(float(logits.mean()), 4) for logits in found}) > 3  # it does not say the same always
    # of all objects at once its sums are rounded otherwise, and then its memories, to 8 bits
    together = torch.stack(original(frames, {0: prompts})[1:])
    torch.testing.assert_close(found, together, atol=0.02, rtol=0)
    assert (found - together).abs().mean() < 2e-4
    for slot, prompt in enumerate(prompts):
        alone = torch.cat(original(frames, {0: [prompt]})[1:])
        torch.testing.assert_close(found[:, slot], alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    'correction', [dict(box=(20, 10, 50, 40)), dict(points=POINTS), dict(mask=np.eye(*SIZE, dtype=bool))]
)
def test_a_correction_conditions_later_frames_as_in_transformers(tracker, correction):
    frames, masks = moving_squares(frames=8, objects=1)
    prompts = {0: mask_prompts(masks[0]), 4: [ObjectPrompt(1, **correction)]}
    found = logits_of(tracker, frames, prompts)
    expected = original(frames, prompts)
    # in frame 4 its only object is prompted, and nothing is predicted
    expected = torch.stack([*expected[1:4], *expected[5:]])
    torch.testing.assert_close(torch.stack(found), expected, atol=1e-5, rtol=0)


def test_every_object_is_followed_as_if_it_were_alone(tracker):
    """Also where another one enters or is corrected."""
    frames, masks = moving_squares(frames=8)
    first, late = ObjectPrompt(1, mask=masks[0] == 1), ObjectPrompt(2, box=BOX)
    corrected = ObjectPrompt(2, box=(9, 9, 30, 30))
    both = logits_of(tracker, frames, {0: [first], 3: [late], 5: [corrected]})
    alone = original(frames, {0: [first]})
    torch.testing.assert_close(torch.stack([x[0] for x in both]), torch.cat(alone[1:]), atol=1e-5, rtol=0)
    # an index of frames is only a name; in frame 5 the object is predicted before it is corrected
    other = original(frames[3:], {0: [late], 2: [corrected]})
    for t in (4, 6, 7):
        torch.testing.assert_close(both[t - 1][1:], other[t - 3], atol=1e-5, rtol=0)


def test_a_frame_is_encoded_once_for_all_objects(tracker, monkeypatch):
    frames, masks = moving_squares(frames=3)
    encode, calls = tracker.model.get_image_features, []
    monkeypatch.setattr(tracker.model, 'get_image_features', lambda x, **k: calls.append(1) or encode(x, **k))
    list(tracker.stream(frames, {0: mask_prompts(masks[0])}))
    assert len(calls) == len(frames)


def test_a_prompted_frame_shows_the_mask_that_transformers_finds(tracker):
    frames, _ = moving_squares(frames=2)
    for prompt in (ObjectPrompt(1, box=BOX), ObjectPrompt(1, points=POINTS)):
        (first, _) = tracker.stream(frames, {0: [prompt]}, return_probs=True)
        expected = original(frames[:1], {0: [prompt]})[0].sigmoid().numpy()
        np.testing.assert_allclose(first.probs[1:], expected, atol=1e-4)


def test_the_masks_of_another_initializer_are_given_to_sam2():
    frames, _ = moving_squares(frames=4)
    tracker = SAM2Tracker(small_sam2(), initializer=dict(type='FilledBoxInitializer'))
    filled = np.zeros(SIZE, bool)
    filled[4:16, 3:15] = True
    found = logits_of(tracker, frames, {0: [ObjectPrompt(1, box=BOX)]})
    expected = original(frames, {0: [ObjectPrompt(1, mask=filled)]})[1:]
    torch.testing.assert_close(torch.stack(found), torch.stack(expected), atol=1e-5, rtol=0)


def test_a_forked_state_is_independent():
    frames, _ = moving_squares(frames=3)
    found = []
    for refine in (False, True):
        tracker = SAM2Tracker(small_sam2(), initializer=dict(type='FilledBoxInitializer', refine=refine))
        prompts = {0: [ObjectPrompt(1, box=BOX)], 1: [ObjectPrompt(2, box=(30, 20, 50, 40))]}
        found.append(list(tracker.stream(frames, prompts, return_probs=True)))
    # the mask that SAM 2 is given is the one it says, up to its resolution
    assert all(np.abs(a.probs - b.probs).mean() < 0.02 for a, b in zip(*found, strict=True))


def test_mirrored_views_see_prompts_mirrored():
    frames, masks = moving_squares(frames=3)
    flipped = [np.ascontiguousarray(frame[:, ::-1]) for frame in frames]
    width = SIZE[1]
    for plain, mirrored in (
        (dict(box=BOX), dict(box=(width - 15, 4, width - 3, 16))),
        (dict(points=[(9, 10, 1)]), dict(points=[(width - 10, 10, 1)])),
    ):
        tracker = SAM2Tracker(small_sam2(), test_cfg=dict(flip=True))
        one = list(tracker.stream(frames, {0: [ObjectPrompt(1, **plain)]}, return_probs=True))
        other = list(tracker.stream(flipped, {0: [ObjectPrompt(1, **mirrored)]}, return_probs=True))
        np.testing.assert_allclose(one[2].probs, other[2].probs[..., ::-1], atol=1e-3)


def test_sessions_keep_what_later_frames_read(tracker):
    frames, masks = moving_squares(frames=30, objects=1)
    prompts = {t: mask_prompts(masks[t]) for t in range(0, 30, 3)}
    tracker.max_prompted = 4
    for t, (state, _) in enumerate(states_during(tracker, frames, prompts)):
        for session in state:
            outputs = session.output_dict_per_obj[0]
            kept, tracked = sorted(outputs['cond_frame_outputs']), outputs['non_cond_frame_outputs']
            assert kept == ([0, 3, 6, 9][: t // 3 + 1] if t < 12 else [0, *range(t - t % 3 - 6, t + 1, 3)])
            assert all(t - 16 < k <= t for k in tracked)
            assert sum('maskmem_features' in output for output in tracked.values()) <= 7
            assert not session.processed_frames and not session.mask_inputs_per_obj[0]


def test_the_model_stays_as_it_was(tracker):
    before = {key: value.clone() for key, value in small_sam2().state_dict().items()}
    frames, masks = moving_squares(frames=4)
    tracker.train()
    list(tracker.stream(frames, {0: mask_prompts(masks[0])}))
    assert not small_sam2().training and not tracker.state_dict()
    assert all(torch.equal(value, before[key]) for key, value in small_sam2().state_dict().items())


def test_at_least_two_prompted_frames_are_kept():
    with pytest.raises(ConfigError, match='max_prompted: found 1'):
        SAM2Tracker(small_sam2(), max_prompted=1)
