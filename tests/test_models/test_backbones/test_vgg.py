"""DeepLabv2's VGG16 and classifier: the published numbers, and ImageNet weights."""

import os
from pathlib import Path

import pytest
import torch
from mmengine.model import BaseModule
from safetensors.torch import load_file, save_file

from vosplug.checkpoint import use_safe_checkpoints
from vosplug.errors import CheckpointError
from vosplug.models import DeepLabV2Head, DeepLabVGG16

WEIGHTS = Path(os.environ.get('VOSPLUG_SHARED', '../shared')) / 'weights' / 'vgg16_imagenet_conv.safetensors'


def count(module: BaseModule) -> int:
    return sum(p.numel() for p in module.parameters())


def head(**kwargs) -> DeepLabV2Head:
    sizes = dict(in_channels=512, channels=1024, num_classes=21)
    return DeepLabV2Head(**{**sizes, **kwargs})


def test_the_large_field_of_view_has_the_published_number_of_parameters():
    # Chen et al. 2015 (DeepLab), Table 2: 20.5 million with a kernel of 3x3, an input stride of 12 and 1024
    # filters; 14,714,688 of VGG16's convolutions, fc6, fc7 and 21 classes
    found = count(DeepLabVGG16()) + count(head(dilations=(12,)))
    assert found == 14_714_688 + (512 * 9 + 1) * 1024 + (1024 + 1) * 1024 + (1024 + 1) * 21
    assert round(found / 1e5) == 205


def test_output_stride_and_field_of_view():
    model = DeepLabVGG16(width=4)
    for side, expected in ((321, 41), (64, 8), (65, 9)):
        assert model(torch.zeros(1, 3, side, side))[0].shape == (1, 32, expected, expected)


@pytest.mark.parametrize('dilations', [(12,), (6, 12, 18, 24)])
def test_a_branch_sees_its_dilation(dilations):
    classifier = head(in_channels=1, channels=2, num_classes=2, dilations=dilations).eval()
    for parameter in classifier.parameters():
        torch.nn.init.ones_(parameter)
    plain = torch.zeros(1, 1, 61, 61)
    dot = plain.clone()
    dot[..., 30, 30] = 1
    moved = (classifier([dot]) - classifier([plain]))[0, 0] != 0
    expected = {(30 + y * d, 30 + x * d) for d in dilations for y in (-1, 0, 1) for x in (-1, 0, 1)}
    assert set(map(tuple, moved.nonzero().tolist())) == expected


def test_the_scores_of_branches_are_summed():
    model = head(in_channels=4, channels=8, num_classes=2, dilations=(1, 2)).eval()
    x = torch.randn(1, 4, 9, 9)
    weights = model.conv_seg.weight.split(8, 1)
    parts = [torch.nn.functional.conv2d(b(x), w) for b, w in zip(model.branches, weights, strict=True)]
    expected = sum(parts) + model.conv_seg.bias.view(1, -1, 1, 1)
    torch.testing.assert_close(model([x]), expected)


def test_pretrained_weights_fill_the_image_channels(tmp_path):
    torch.manual_seed(0)
    source = DeepLabVGG16(width=4)
    classifier = {'classifier.0.weight': torch.zeros(2, 2)}  # of a whole torchvision file
    save_file({**source.state_dict(), **classifier}, tmp_path / 'vgg.safetensors')
    use_safe_checkpoints()
    init = dict(type='Pretrained', checkpoint=str(tmp_path / 'vgg.safetensors'))
    model = DeepLabVGG16(in_channels=4, width=4, init_cfg=init)
    extra = model.features[0].weight.detach()[:, 3:].clone()
    assert 0 < extra.std() < 0.03
    model.init_weights()
    loaded = model.state_dict()
    for name, value in source.state_dict().items():
        image = loaded[name][:, :3] if name == 'features.0.weight' else loaded[name]
        torch.testing.assert_close(image, value)
    assert torch.equal(loaded['features.0.weight'][:, 3:], extra)
    with pytest.raises(CheckpointError, match='VGG16 weights: features.0.weight is'):
        DeepLabVGG16(in_channels=4, width=8).load_state_dict(source.state_dict())


@pytest.mark.skipif(not WEIGHTS.is_file(), reason=f'{WEIGHTS} is absent; set VOSPLUG_SHARED')
def test_real_imagenet_weights_load_and_see_edges():
    use_safe_checkpoints()
    model = DeepLabVGG16(in_channels=4, init_cfg=dict(type='Pretrained', checkpoint=str(WEIGHTS))).eval()
    model.init_weights()
    stored = load_file(WEIGHTS)
    assert {k for k, v in model.state_dict().items() if k.startswith('features')} == stored.keys()
    for name, value in model.state_dict().items():
        image = value[:, :3] if name == 'features.0.weight' else value
        torch.testing.assert_close(image, stored[name].float())
    with torch.no_grad():
        flat = model(torch.zeros(1, 4, 64, 64))[0]
        noisy = model(torch.randn(1, 4, 64, 64))[0]
    assert noisy.mean() > 3 * flat.mean() > 0
