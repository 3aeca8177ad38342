"""Box2Seg: trains as MMSegmentation's networks do, and gives masks in place."""

import numpy as np
import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from small_box2seg import CROP, build_box2seg, small_box2seg
from small_data import make_frames, make_masks

from vosplug.config import load_config
from vosplug.datasets.transforms import PackBoxCrop
from vosplug.models import Box2SegInitializer, DenseCRF
from vosplug.registry import MODELS
from vosplug.structures import Supervision, boxes_of_mask

MASK = make_masks(1, (3,))[0]
IMAGE, BOX = make_frames(MASK[None])[0], boxes_of_mask(MASK)[3]


def sample() -> dict:
    return PackBoxCrop(**CROP)(
        dict(
            imgs=[IMAGE],
            id_masks=[(MASK == 3).astype(np.uint8)],
            boxes=BOX[None, None].copy(),
            visible=np.ones((1, 1), bool),
            supervision=np.full((1, 1), int(Supervision.MASK)),
            object_ids=[3],
            video_name='bear',
            frame_names=['00000'],
        )
    )


@pytest.mark.parametrize(
    'loss', [None, dict(type='PartiallyHuberisedCrossEntropyLoss', tau=3)], ids=['ce', 'robust']
)
def test_it_learns_the_mask_in_a_box(loss):
    torch.manual_seed(0)
    model = build_box2seg(loss).train()
    optimizer = build_optim_wrapper(model, dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=5e-3)))
    packed = [sample() for _ in range(4)]
    batch = {key: [s[key] for s in packed] for key in packed[0]}
    for _ in range(80):
        logs = model.train_step(batch, optimizer)
    assert logs['loss'] < 0.1
    found = model.mask_prob(IMAGE, BOX) > 0.5
    assert (found & (MASK == 3)).sum() / (found | (MASK == 3)).sum() > 0.85


def test_probabilities_are_those_of_each_crop_alone():
    model = build_box2seg()
    crops = [model.crop_of(BOX + shift, IMAGE.shape[:2]).image(IMAGE) for shift in (0, 2, 4)]
    together = model.crop_probs(crops)
    for crop, prob in zip(crops, together, strict=True):
        assert prob.shape == CROP['size'] and prob.dtype == np.float32
        assert np.allclose(prob, model.crop_probs([crop])[0], atol=1e-5)


def test_flipped_probabilities_are_the_mean_of_both_views():
    model = build_box2seg()
    crop = model.crop_of(BOX, IMAGE.shape[:2]).image(IMAGE)
    mirrored = np.ascontiguousarray(crop[:, :, ::-1])
    plain, other = model.crop_probs([crop, mirrored])
    model.flip = True
    both, mirrored_both = model.crop_probs([crop, mirrored])
    assert not np.allclose(plain, other[:, ::-1], atol=1e-4)
    assert np.allclose(both, (plain + other[:, ::-1]) / 2, atol=1e-5)
    assert np.allclose(mirrored_both, both[:, ::-1], atol=1e-5)


def test_a_crf_aligns_each_crop_with_its_image():
    model, crf = build_box2seg(), dict(max_iter=2, bi_xy_std=8, bi_rgb_std=20)
    crop = model.crop_of(BOX, IMAGE.shape[:2]).image(IMAGE)
    (plain,) = model.crop_probs([crop])
    model.crf = DenseCRF(**crf)
    (aligned,) = model.crop_probs([crop])
    image = np.ascontiguousarray(crop[:3].transpose(1, 2, 0)[..., ::-1])
    expected = DenseCRF(**crf).align(image, torch.from_numpy(np.stack([1 - plain, plain])))[1]
    np.testing.assert_allclose(aligned, expected, atol=1e-6)
    assert np.abs(aligned - plain).max() > 0.05
    config = {**small_box2seg(), 'crf': crf}
    settings = [Box2SegInitializer(MODELS.build(c)).settings for c in (config, small_box2seg())]
    assert settings[0] != settings[1], 'masks made without it are made anew'


def test_outside_of_the_crop_there_is_nothing_and_the_mode_stays():
    model = build_box2seg().train()
    prob = model.mask_prob(IMAGE, BOX)
    left, top, right, bottom = model.crop_of(BOX, IMAGE.shape[:2]).window
    assert model.training and prob.shape == IMAGE.shape[:2]
    assert prob[top:bottom, left:right].min() > 0
    prob[top:bottom, left:right] = 0
    assert not prob.any()


def test_the_paper_s_network_sees_the_box():
    init_default_scope('vosplug')
    cfg = load_config('box2seg/box2seg_xception65_coco.py')
    assert cfg.model.crop == dict(size=(385, 385), margin=50)
    model = MODELS.build(cfg.model).train()
    inputs = torch.randn(2, 4, 97, 97, requires_grad=True)
    logits = model(inputs, mode='tensor')
    logits.square().sum().backward()
    assert tuple(logits.shape) == (2, 2, 25, 25)
    assert inputs.grad[:, 3].abs().sum() > 0
