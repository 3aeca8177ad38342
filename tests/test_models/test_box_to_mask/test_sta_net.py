"""STANet with the authors' numbers (golden sta_net), its variants, and its training."""

import json

import numpy as np
import pytest
import torch
from golden_networks import DATA, REPO, filled
from golden_recipe import moving_rects
from mmengine.config import Config
from small_models import small_sta_net
from sta_variants import VARIANTS, clip, labels_of, small

from vosplug.errors import CheckpointError, ConfigError
from vosplug.models.lwl_checkpoint import convert_lwl
from vosplug.registry import MODELS

FACTS = json.loads((DATA / 'sta_net.json').read_text())
SIZE = 64, 96


def authors_weights() -> dict[str, torch.Tensor]:
    """The golden's weights; the two regularisations keep their constructor's value."""
    return {k: torch.tensor([0.01]) if k.endswith('filter_reg') else v for k, v in filled(FACTS).items()}


def build_original(steps: int = 5):
    config = Config.fromfile(REPO / 'configs' / 'sta' / 'sta_r50.py').model
    config.fusion.test_steps = steps
    return MODELS.build(config).eval()


@pytest.fixture(scope='module')
def model():
    model = build_original()
    model.load_state_dict(convert_lwl(authors_weights(), model.state_dict())[0])
    return model


@pytest.fixture(scope='module')
def golden() -> dict[str, np.ndarray]:
    with np.load(DATA / 'sta_net.npz') as arrays:
        return dict(arrays)


@pytest.fixture(scope='module')
def inputs(model, golden) -> torch.Tensor:
    """(1, 2, 4, H, W) of the golden's clip; the authors truncate boxes to integers."""
    frames, _ = moving_rects(1200, 2, *SIZE, 2)
    boxes = np.zeros((2, 1, *SIZE), np.uint8)
    for plane, box in zip(boxes[:, 0], golden['boxes_xywh'], strict=True):
        x, y, width, height = (int(value) for value in box)
        plane[y : y + height, x : x + width] = 255
    clip = torch.from_numpy(np.concatenate([frames.transpose(0, 3, 1, 2), boxes], 1))
    return model.data_preprocessor(dict(inputs=[clip]))['inputs']


def check(found: torch.Tensor, expected: np.ndarray, tolerance: float = 1e-4) -> None:
    assert found.shape == expected.shape
    assert np.abs(found.numpy() - expected).max() <= tolerance * np.abs(expected).max()


@torch.no_grad()
def test_object_encoders_give_the_golden_numbers(model, inputs, golden):
    images, boxes = inputs[0, :, :3], inputs[0, :, 3]
    features = model.features(model.backbone(images)[2])
    for encoder, names in (
        (model.frame_encoder, ('bbox_label', 'bbox_label_sw')),
        (model.box_encoder, ('bbox_mask_enc', 'bbox_mask_sw')),
    ):
        for found, name in zip(encoder(boxes, features), names, strict=True):
            check(found.unsqueeze(1), golden[name])


@torch.no_grad()
@pytest.mark.parametrize(('frames', 'name'), [(2, 'pred_all'), (1, 'pred_single')])
def test_both_passes_give_the_golden_numbers(model, inputs, golden, frames, name):
    first, second = model(inputs[:, :frames])
    check(first.transpose(0, 1), golden[name])
    check(second.transpose(0, 1), golden[f'{name}_segm'])


def test_the_authors_layout_goes_there_and_back(model):
    authors = authors_weights()
    ours, to_ours = convert_lwl(authors, model.state_dict())
    assert to_ours and ours.keys() == model.state_dict().keys() and len(ours) == len(authors)
    back, to_ours = convert_lwl(ours, model.state_dict())
    assert not to_ours and back.keys() == authors.keys()
    assert all(torch.equal(back[key], authors[key]) for key in authors)


def test_a_checkpoint_that_does_not_fit_is_refused(model):
    authors = authors_weights()
    del authors['decoder.CAB.layer2.convreluconv.0.bias']
    with pytest.raises(CheckpointError, match=r"sta.pth: .*the authors' layout: 1 keys missing"):
        convert_lwl(authors, model.state_dict(), 'sta.pth')


@pytest.mark.parametrize('name', VARIANTS)
def test_variants_train_all_their_parts(name):
    model, inputs = small(name), clip()
    losses = model(inputs, labels_of(inputs), mode='loss')
    assert losses.keys() == {'loss_lovasz'}
    assert 0 < losses['loss_lovasz'] <= model.passes
    losses['loss_lovasz'].backward()
    # distributed training waits for the gradients of all that is trained
    assert all(p.grad is not None for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize('name', VARIANTS)
def test_frames_matter_where_they_are_fused(name):
    model, inputs = small(name).eval(), clip()
    changed = inputs.clone()
    changed[:, 2, :3] = inputs[:, 2, :3].flip(-1)
    with torch.no_grad():
        same = torch.equal(model(inputs)[-1][:, :2], model(changed)[-1][:, :2])
    assert same == (name == 'SingleImage')


def test_clips_of_a_batch_do_not_meet():
    model, inputs = small('MultiFrameIterative').eval(), clip()
    with torch.no_grad():
        together = model(inputs)[-1]
        torch.testing.assert_close(together[1:], model(inputs[1:])[-1], rtol=1e-4, atol=1e-4)


def test_any_number_of_frames_but_where_they_are_concatenated():
    with torch.no_grad():
        assert small('MultiFrameIterative').eval()(clip(5))[-1].shape == (2, 5, 32, 48)
        with pytest.raises(ConfigError, match='found 5 frames, expected up to 3'):
            small('Concat').eval()(clip(5))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(fusion=None, frame_encoder=None, passes=1), 'the decoder knows nothing about the object'),
        (dict(box_encoder=None), 'box_encoder, which the fusion needs'),
        (dict(mask_encoder=None), 'mask_encoder, which 2 passes need'),
        (dict(passes=0), 'passes=0; missing: at least one pass'),
    ],
)
def test_missing_parts_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        MODELS.build(small_sta_net(**options))


def test_the_decoder_s_interpolation_is_an_option():
    inputs = clip()
    found = []
    for mode in ('bicubic', 'bilinear'):
        torch.manual_seed(0)
        network = MODELS.build(small_sta_net(decode_head=dict(interpolation=mode))).eval()
        with torch.no_grad():
            found.append(network(inputs)[-1])
    assert not torch.allclose(*found, atol=1e-5) and (found[0] - found[1]).abs().mean() < 0.05
    with pytest.raises(ConfigError, match="LWLDecodeHead.interpolation: found 'nearest'"):
        MODELS.build(small_sta_net(decode_head=dict(interpolation='nearest')))
