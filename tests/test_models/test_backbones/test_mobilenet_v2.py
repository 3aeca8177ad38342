"""MobileNetV2 takes torchvision's file as it is."""

import os
from pathlib import Path

import pytest
import torch

from vosplug.engine.checkpoint import read_checkpoint
from vosplug.errors import CheckpointError
from vosplug.models.backbones import MobileNetV2

WEIGHTS = Path(os.environ.get('VOSPLUG_SHARED', '../shared')) / 'weights' / 'mobilenet_v2-b0353104.pth'


def as_torchvision(model: MobileNetV2) -> dict[str, torch.Tensor]:
    """The model's tensors under torchvision's kind of names, followed by a stage and a classifier we lack."""
    state = {f'features.{i}.tensor': tensor for i, tensor in enumerate(model.state_dict().values())}
    return {**state, 'features.999.tensor': torch.zeros(7), 'classifier.1.weight': torch.zeros(7, 7)}


def test_outputs_have_strides_4_8_16_and_nothing_lies_behind_them():
    model = MobileNetV2().eval()
    assert [tuple(o.shape) for o in model(torch.zeros(1, 3, 64, 96))] == [
        (1, 24, 16, 24),
        (1, 32, 8, 12),
        (1, 96, 4, 6),
    ]
    assert not any(name.startswith(('layer6', 'layer7')) for name, _ in model.named_parameters())


@pytest.mark.parametrize('prefix', ['', 'backbone.'])
def test_torchvision_names_load(prefix):
    source, target = MobileNetV2().eval(), MobileNetV2().eval()
    holder = torch.nn.ModuleDict({'backbone': target}) if prefix else target
    holder.load_state_dict({prefix + name: tensor for name, tensor in as_torchvision(source).items()})
    image = torch.randn(1, 3, 32, 32)
    for a, b in zip(source(image), target(image), strict=True):
        assert torch.equal(a, b)


def test_its_own_names_still_load():
    model = MobileNetV2()
    model.load_state_dict(MobileNetV2().state_dict())


def test_weights_of_another_width_are_refused():
    with pytest.raises(CheckpointError, match='same network and width'):
        MobileNetV2(widen_factor=0.5).load_state_dict(as_torchvision(MobileNetV2()))


@pytest.mark.skipif(not WEIGHTS.is_file(), reason='ImageNet weights are not here')
def test_the_real_file_loads_into_the_right_places():
    model = MobileNetV2(init_cfg=dict(type='Pretrained', checkpoint=str(WEIGHTS)))
    model.init_weights()
    theirs, ours = read_checkpoint(WEIGHTS), model.state_dict()
    for name, key in {
        'conv1.conv.weight': 'features.0.0.weight',
        'layer1.0.conv.0.conv.weight': 'features.1.conv.0.0.weight',
        'layer2.0.conv.1.bn.running_var': 'features.2.conv.1.1.running_var',
        'layer2.0.conv.2.bn.weight': 'features.2.conv.3.weight',
        'layer5.2.conv.2.conv.weight': 'features.13.conv.2.weight',
    }.items():
        assert torch.equal(ours[name], theirs[key]), name
