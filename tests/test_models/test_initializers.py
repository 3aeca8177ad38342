"""Boxes to masks: filled, cut out by colour, and refined by the model itself."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.registry import init_default_scope
from small_box2seg import build_box2seg, small_box2seg
from small_models import small_stm

from vosplug.errors import ConfigError
from vosplug.models.initializers import Box2SegInitializer, FilledBoxInitializer, GrabCutInitializer
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


# ------------------------------------------------------------------ GrabCut


def disc(size: tuple[int, int] = (120, 160), scale: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An orange disc on blue noise: image, mask and box."""
    image = np.random.default_rng(0).integers(0, 60, (*size, 3), np.uint8)
    image[..., 0] += 120
    mask = np.zeros(size, np.uint8)
    cv2.circle(mask, (70, 60), 30, 1, -1)
    image[mask > 0] = (20, 120, 230)
    image, mask = (np.repeat(np.repeat(a, scale, 0), scale, 1) for a in (image, mask))
    return image, mask > 0, scale * np.float32([40, 30, 101, 91])


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize('scale', [1, 4])  # 4: larger than short_side
def test_grabcut_finds_the_object_in_its_box(scale):
    image, mask, box = disc(scale=scale)
    found = GrabCutInitializer()(image, box)
    assert found.dtype == np.float32 and found.shape == mask.shape
    assert iou(found > 0.5, mask) > 0.95 > 0.9 > iou(fill_box(box, mask.shape), mask)
    assert not (found[~fill_box(box, mask.shape)] > 0.5).any()


def test_grabcut_gives_the_same_mask_whatever_ran_before():
    image, _, box = disc()
    image = cv2.GaussianBlur(image, (0, 0), 3)
    first = GrabCutInitializer()(image, box)
    cv2.setRNGSeed(1234)
    assert np.array_equal(GrabCutInitializer()(image, box), first)


@pytest.mark.parametrize('box', [(0, 0, 160, 120), (9, 9, 9, 9), (200, 10, 220, 30)])
def test_without_an_inside_and_an_outside_the_box_is_filled(box):
    image, mask, _ = disc()
    assert np.array_equal(GrabCutInitializer()(image, np.float32(box)) > 0.5, fill_box(box, mask.shape))


def test_one_colour_gives_the_filled_box():
    image, mask, box = disc()
    image[:] = 90
    assert np.array_equal(GrabCutInitializer()(image, box) > 0.5, fill_box(box, mask.shape))


def test_a_cut_that_loses_most_of_the_box_is_not_taken():
    image, mask, _ = disc()
    wide = np.float32([5, 5, 155, 115])  # its own box has a fifth of this one's area
    assert iou(GrabCutInitializer(min_reach=0)(image, wide) > 0.5, mask) > 0.9
    assert np.array_equal(GrabCutInitializer()(image, wide) > 0.5, fill_box(wide, mask.shape))


@pytest.mark.parametrize('option', [dict(iterations=0), dict(short_side=8)])
def test_grabcut_refuses_impossible_options(option):
    with pytest.raises(ConfigError, match=next(iter(option))):
        GrabCutInitializer(**option)


def test_a_box_prompt_starts_with_the_cut():
    image, mask, box = disc()
    init_default_scope('vosplug')
    model = MODELS.build({**small_stm(), 'initializer': dict(type='GrabCutInitializer')}).eval()
    result = next(model.stream([image], {0: [ObjectPrompt(3, box=box)]}))
    assert iou(result.mask == 3, mask) > 0.9


@given(
    st.integers(0, 2**32 - 1),
    st.tuples(*[st.floats(-2, 26, width=32)] * 4),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_cut_lies_in_its_box_whatever_the_picture(seed, corners, smooth):
    image = np.random.default_rng(seed).integers(0, 256, (18, 24, 3), np.uint8)
    if smooth:
        image = cv2.GaussianBlur(image, (0, 0), 3)
    (x1, x2), (y1, y2) = sorted(corners[:2]), sorted(corners[2:])
    found = GrabCutInitializer(iterations=1)(image, np.float32([x1, y1, x2, y2]))
    inside = fill_box((x1, y1, x2, y2), (18, 24))
    assert found.any() == inside.any() and not found[~inside].any()


def box2seg_files(folder) -> dict[str, str]:
    """Config and checkpoint of a small Box2Seg."""
    config, checkpoint = folder / 'box2seg.py', folder / 'box2seg.pth'
    config.write_text(f'model = {small_box2seg()!r}\n')
    torch.save(build_box2seg().state_dict(), checkpoint)
    return dict(config=str(config), checkpoint=str(checkpoint))


def test_box2seg_gives_its_probabilities_inside_of_the_box(tmp_path, frames):
    initializer = Box2SegInitializer(**box2seg_files(tmp_path))
    prob = initializer(frames[0], np.float32(BOX))
    inside = fill_box(BOX, (48, 64))
    assert prob.dtype == np.float32 and not prob[~inside].any()
    assert np.allclose(prob[inside], build_box2seg().mask_prob(frames[0], np.float32(BOX))[inside], atol=1e-6)


def test_box2seg_starts_a_track_and_keeps_its_weights_to_itself(tmp_path, frames):
    init_default_scope('vosplug')
    files = box2seg_files(tmp_path)
    model = MODELS.build({**small_stm(), 'initializer': dict(type='Box2SegInitializer', **files)}).eval()
    assert not any(key.startswith('initializer') for key in model.state_dict())
    model.double().float()
    next(model.stream(frames, {0: [ObjectPrompt(4, box=BOX)]}))
    model.double()
    assert all(p.dtype == torch.float64 for p in model.initializer._network[0].parameters())


def test_box2seg_of_another_config_is_refused(tmp_path):
    init_default_scope('vosplug')
    path, weights = tmp_path / 'stm.py', tmp_path / 'stm.pth'
    path.write_text(f'model = {small_stm()!r}\n')
    torch.save(MODELS.build(small_stm()).state_dict(), weights)
    with pytest.raises(ConfigError, match='builds a STM; use a config of Box2Seg'):
        Box2SegInitializer(str(path), str(weights))


def test_box2seg_without_weights_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r'box2seg\.py: needs a checkpoint of .*only .* bring their own'):
        Box2SegInitializer(box2seg_files(tmp_path)['config'])
