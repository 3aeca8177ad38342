"""Xception-65: shapes, and weights under other names."""

import pytest
import torch

from vosplug.errors import CheckpointError, ConfigError
from vosplug.models.backbones import MobileNetV2, Xception65


def small(**kwargs) -> Xception65:
    return Xception65(middle_blocks=1, **kwargs).eval()


def as_timm(model: Xception65) -> dict[str, torch.Tensor]:
    """The model's tensors under timm's kind of names, and its classifier."""
    names = {}
    for key, value in model.state_dict().items():
        if key.startswith('blocks'):
            block, rest = key.split('.', 2)[1:]
            key = f'blocks.{block}.stack.conv.{rest}' if 'shortcut' not in rest else f'blocks.{block}.{rest}'
        names[key] = value
    return {**names, 'head.fc.weight': torch.zeros(7, 2048), 'head.fc.bias': torch.zeros(7)}


def test_levels_have_stride_4_and_the_output_stride():
    image = torch.zeros(1, 3, 65, 97)
    assert [tuple(x.shape) for x in small()(image)] == [(1, 256, 17, 25), (1, 2048, 5, 7)]
    assert tuple(small(output_stride=8)(image)[1].shape) == (1, 2048, 9, 13)
    with pytest.raises(ConfigError, match='8 or 16'):
        Xception65(output_stride=32)


def test_it_has_as_many_parameters_as_the_published_network():
    # timm's xception65 without its classifier, counted there
    assert sum(p.numel() for p in Xception65().parameters()) == 37_867_312


def test_other_names_and_fewer_channels_load():
    source = small()
    for module in source.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
    three, four = small(), small(in_channels=4)
    three.load_state_dict(as_timm(source))
    own = four.stem[0].conv.weight.detach()[:, 3:].clone()
    four.load_state_dict(as_timm(source))
    image = torch.randn(1, 3, 33, 33)
    for a, b in zip(source(image), three(image), strict=True):
        assert torch.equal(a, b)
    blank = torch.cat([image, torch.zeros(1, 1, 33, 33)], 1)
    assert torch.allclose(four(blank)[1], source(image)[1], atol=1e-5)
    assert torch.equal(four.stem[0].conv.weight[:, 3:], own)


def test_its_own_names_load():
    small().load_state_dict(small().state_dict())


def test_weights_of_another_depth_are_refused():
    with pytest.raises(CheckpointError, match='timm Xception-65'):
        small().load_state_dict(as_timm(Xception65(middle_blocks=2)))


def test_mobilenet_takes_image_weights_beside_a_further_channel():
    source, target = MobileNetV2(), MobileNetV2(in_channels=4)
    theirs = {f'features.{k}.x': v for k, v in enumerate(source.state_dict().values())}
    target.load_state_dict(theirs)
    assert torch.equal(target.conv1.conv.weight[:, :3], source.conv1.conv.weight)
    assert torch.equal(target.layer3[0].conv[0].conv.weight, source.layer3[0].conv[0].conv.weight)
