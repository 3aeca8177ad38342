"""MobileNetV2 takes torchvision's file as it is."""

import os
from pathlib import Path

import pytest
import torch

from vosplug.checkpoint import read_checkpoint
from vosplug.errors import CheckpointError
from vosplug.models.backbones import MobileNetV2

WEIGHTS = Path(os.environ.get('VOSPLUG_SHARED', '../shared')) / 'weights' / 'mobilenet_v2-b0353104.pth'


def as_torchvision(model: MobileNetV2) -> dict[str, torch.Tensor]:
    """The model's tensors under torchvision's names, sorted, with a later stage and a classifier we lack."""
    blocks = [f'{name}.{k}' for name in model.layers for k in range(len(getattr(model, name)))]
    state = {'features.17.conv.0.0.weight': torch.zeros(7), 'classifier.1.weight': torch.zeros(7, 7)}
    for key, tensor in model.state_dict().items():
        stage, *rest, kind, leaf = key.split('.')
        place = int(kind == 'bn')
        if stage == 'conv1':
            state[f'features.0.{place}.{leaf}'] = tensor
            continue
        block, number = f'{stage}.{rest[0]}', int(rest[2])
        last = number == (1 if block == 'layer1.0' else 2)
        inner = f'{number + place}' if last else f'{number}.{place}'
        state[f'features.{blocks.index(block) + 1}.conv.{inner}.{leaf}'] = tensor
    return dict(sorted(state.items()))


def test_outputs_have_strides_4_8_16_and_nothing_lies_behind_them():
    model = MobileNetV2().eval()
    assert [tuple(o.shape) for o in model(torch.zeros(1, 3, 64, 96))] == [
        (1, 24, 16, 24),
        (1, 32, 8, 12),
        (1, 96, 4, 6),
    ]
    assert not any(name.startswith(('layer6', 'layer7')) for name, _ in model.named_parameters())


def test_a_single_output_is_a_level_too():
    levels = MobileNetV2(out_indices=(4,))(torch.zeros(2, 3, 32, 32))
    assert [level.shape for level in levels] == [(2, 96, 2, 2)]


@pytest.mark.parametrize('prefix', ['', 'backbone.'])
def test_torchvision_names_load(prefix):
    source, target = MobileNetV2().eval(), MobileNetV2().eval()
    holder = torch.nn.ModuleDict({'backbone': target}) if prefix else target
    holder.load_state_dict({prefix + name: tensor for name, tensor in as_torchvision(source).items()})
    image = torch.randn(1, 3, 32, 32)
    for a, b in zip(source(image), target(image), strict=True):
        assert torch.equal(a, b)


def test_image_weights_load_beside_a_further_channel():
    source, target = MobileNetV2(), MobileNetV2(in_channels=4)
    target.load_state_dict(as_torchvision(source))
    assert torch.equal(target.conv1.conv.weight[:, :3], source.conv1.conv.weight)
    assert torch.equal(target.layer3[0].conv[0].conv.weight, source.layer3[0].conv[0].conv.weight)


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
    used = [key for key in theirs if key.startswith('features.') and int(key.split('.')[1]) < 14]
    assert set(used) <= set(as_torchvision(model))
    for name, key in {
        'conv1.conv.weight': 'features.0.0.weight',
        'layer1.0.conv.0.conv.weight': 'features.1.conv.0.0.weight',
        'layer2.0.conv.1.bn.running_var': 'features.2.conv.1.1.running_var',
        'layer2.0.conv.2.bn.weight': 'features.2.conv.3.weight',
        'layer5.2.conv.2.conv.weight': 'features.13.conv.2.weight',
    }.items():
        assert torch.equal(ours[name], theirs[key]), name
