"""A box prompt, with and without the model's own refinement."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from small_models import small_stm

from vosplug.models.initializers import FilledBoxInitializer
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt
from vosplug.structures.box_ops import fill_box

BOX = (10, 8, 30, 26)


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
    assert np.array_equal(FilledBoxInitializer()(image, np.float32(BOX)) > 0.5, fill_box(BOX, (48, 64)))


def test_without_refinement_the_prompted_frame_shows_the_box(frames):
    result = next(make_model(False).stream(frames, {0: [ObjectPrompt(4, box=BOX)]}))
    assert np.array_equal(result.mask == 4, fill_box(BOX, (48, 64)))


def test_refinement_replaces_the_box_in_the_result_and_in_memory(frames, monkeypatch):
    model = make_model(True)
    seen = []
    remember = model.remember

    def spy(state, t, image, probs, prompted):
        remember(state, t, image, probs, prompted)
        seen.append((t, probs.clone(), len(state.memory)))

    monkeypatch.setattr(model, 'remember', spy)
    result = next(model.stream(frames, {0: [ObjectPrompt(4, box=BOX)]}, return_probs=True))
    (_, before, _), (t, after, length) = seen
    assert t == 0 and length == 1
    assert not torch.equal(before, after)
    np.testing.assert_allclose(result.probs[1], after[0].numpy(), atol=1e-6)


def test_a_mask_prompt_beside_a_refined_box_stays_verbatim(frames):
    mask = np.zeros((48, 64), bool)
    mask[30:44, 40:60] = True
    prompts = {0: [ObjectPrompt(4, box=BOX), ObjectPrompt(9, mask=mask)]}
    result = next(make_model(True).stream(frames, prompts))
    assert np.array_equal(result.mask == 9, mask)


def test_training_supervises_the_first_frame_of_a_box_only():
    """With refinement the first frame's prediction has a loss too, and gets gradients."""
    from vosplug.structures import Supervision, VOSDataSample

    sample = VOSDataSample(metainfo=dict(img_shape=(48, 64)))
    boxes = torch.tensor(BOX, dtype=torch.float32).expand(2, 1, 4)
    kinds = torch.full((2, 1), int(Supervision.BOX))
    fields = dict(visible=torch.ones(2, 1, dtype=torch.bool), valid=torch.ones(1, dtype=torch.bool))
    sample.set_data(
        dict(id_masks=torch.zeros(2, 48, 64, dtype=torch.uint8), boxes=boxes, supervision=kinds, **fields)
    )
    seen = []
    for refine in (False, True):
        model = make_model(refine)
        original = model.compute_losses
        model.compute_losses = lambda logits, targets, f=original: (
            seen.append(logits.shape) or f(logits, targets)
        )
        losses = model(torch.randn(1, 2, 3, 48, 64), [sample], mode='loss')
        assert torch.isfinite(sum(losses.values()))
    assert [shape[1] for shape in seen] == [1, 2]
