"""Filled boxes, and their refinement by the model that they start."""

import numpy as np
import pytest
import torch
from box_to_mask_tester import BoxToMaskTester, mask_of
from mmengine.registry import init_default_scope
from small_models import small_stm
from small_videos import make_clip

from vosplug.models import FilledBoxInitializer
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt, fill_box

BOX = (10, 8, 30, 26)


class TestFilledBox(BoxToMaskTester):
    def model(self):
        return FilledBoxInitializer()


def make_model(refine: bool):
    init_default_scope('vosplug')
    torch.manual_seed(0)
    return MODELS.build(
        {**small_stm(), 'initializer': dict(type='FilledBoxInitializer', refine=refine)}
    ).eval()


@pytest.fixture
def frames() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 255, (4, 48, 64, 3), np.uint8))


def test_filled_box_is_the_box():
    image = np.zeros((48, 64, 3), np.uint8)
    assert np.array_equal(mask_of(FilledBoxInitializer(), image, BOX) > 0.5, fill_box(BOX, (48, 64)))


def test_without_refinement_the_prompted_frame_shows_the_box(frames):
    result = next(make_model(False).stream(frames, {0: [ObjectPrompt(4, box=BOX)]}))
    assert np.array_equal(result.mask == 4, fill_box(BOX, (48, 64)))


def test_what_refinement_gives_is_remembered_and_the_box_is_not(frames, monkeypatch):
    model = make_model(True)
    seen, remember = [], model.remember

    def spy(state, frame, probs, prompted):
        remember(state, frame, probs, prompted)
        seen.append((state, probs.clone(), len(state)))

    monkeypatch.setattr(model, 'remember', spy)
    result = next(model.stream(frames, {0: [ObjectPrompt(4, box=BOX)]}, return_probs=True))
    (fork, before, _), (state, after, length) = seen
    assert length == 1 and fork is not state
    assert not torch.equal(before, after)
    np.testing.assert_allclose(result.probs[1], after[0].numpy(), atol=1e-6)


def test_a_mask_prompt_beside_a_refined_box_stays_verbatim(frames):
    mask = np.zeros((48, 64), bool)
    mask[30:44, 40:60] = True
    prompts = {0: [ObjectPrompt(4, box=BOX), ObjectPrompt(9, mask=mask)]}
    result = next(make_model(True).stream(frames, prompts))
    assert np.array_equal(result.mask == 9, mask)


def logits_with_losses(model, kind: str) -> torch.Tensor:
    """Those of a training clip that losses see."""
    seen, compute = [], model.compute_losses
    model.compute_losses = lambda logits, targets: seen.append(logits) or compute(logits, targets)
    clip = make_clip(kind)
    data = dict(inputs=[clip['inputs']], data_samples=[clip['data_samples']])
    losses = model(**model.data_preprocessor(data, training=True), mode='loss')
    assert torch.isfinite(sum(losses.values()))
    return seen[0]


def test_a_refined_first_frame_has_a_loss_and_gradients():
    assert logits_with_losses(make_model(False), 'box').shape[1] == 2
    model = make_model(True)
    logits = logits_with_losses(model, 'box')
    assert logits.shape[1] == 3
    logits[:, 0].sum().backward()
    assert model.backbone.conv1.weight.grad.abs().sum() > 0


def test_a_first_frame_with_masks_has_no_loss():
    assert logits_with_losses(make_model(True), 'mask').shape[1] == 2
