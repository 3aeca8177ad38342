"""Xception-65: shapes, and weights under other names."""

import pytest
import torch
from safetensors.torch import save_file

from vosplug.checkpoint import use_safe_checkpoints
from vosplug.errors import CheckpointError, ConfigError
from vosplug.models.backbones import Xception65


def small(**kwargs) -> Xception65:
    return Xception65(middle_blocks=1, **kwargs).eval()


def as_timm(model: Xception65) -> dict[str, torch.Tensor]:
    """The model's tensors under timm's names, sorted as safetensors does, and a head."""
    names = {'head.fc.weight': torch.zeros(7, 2048), 'head.fc.bias': torch.zeros(7)}
    for key, value in model.state_dict().items():
        parts = key.split('.')
        if 'convs' in parts:
            # blocks.3.convs.0.depthwise_conv.bn.weight -> blocks.3.stack.conv1.bn_dw.weight
            kind = 'dw' if parts[4] == 'depthwise_conv' else 'pw'
            parts = [*parts[:2], 'stack', f'conv{int(parts[3]) + 1}', f'{parts[5]}_{kind}', parts[6]]
        names['.'.join(parts)] = value
    return dict(sorted(names.items()))


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


def test_a_safetensors_file_of_timm_loads_into_the_right_places(tmp_path):
    """timm 1.0's names; blocks of one shape must not change places either."""
    use_safe_checkpoints()
    source = Xception65(middle_blocks=2)
    for k, parameter in enumerate(source.parameters()):
        torch.nn.init.constant_(parameter, k)
    theirs = as_timm(source)
    assert {
        'stem.0.conv.weight',
        'blocks.0.shortcut.bn.running_var',
        'blocks.3.stack.conv1.conv_dw.weight',
        'blocks.4.stack.conv3.bn_pw.num_batches_tracked',
        'head.fc.bias',
    } <= set(theirs)
    save_file(theirs, tmp_path / 'xception.safetensors')
    cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'xception.safetensors'))
    target = Xception65(middle_blocks=2, init_cfg=cfg)
    target.init_weights()
    for key, value in source.state_dict().items():
        assert torch.equal(target.state_dict()[key], value), key


def test_a_tensor_that_is_missing_is_named():
    state = as_timm(small())
    del state['blocks.3.stack.conv1.conv_dw.weight']
    with pytest.raises(
        CheckpointError, match=r'no tensor for blocks\.3\.convs\.0\.depthwise_conv\.conv\.weight'
    ):
        small().load_state_dict(state)


def test_its_own_names_load():
    small().load_state_dict(small().state_dict())


def test_weights_of_another_depth_are_refused():
    with pytest.raises(CheckpointError, match='timm Xception-65'):
        small().load_state_dict(as_timm(Xception65(middle_blocks=2)))
