"""LWL in its authors' layout; STANet's own is in test_box_to_mask/test_sta_net.py."""

import json

import pytest
import torch
from golden_networks import DATA, REPO
from mmengine.config import Config

from vosplug.errors import CheckpointError
from vosplug.models.lwl_checkpoint import convert_lwl
from vosplug.registry import MODELS

STA_KEYS = json.loads((DATA / 'sta_net.json').read_text())['state_dict']


@pytest.fixture(scope='module')
def ours() -> dict[str, torch.Tensor]:
    config = Config.fromfile(REPO / 'configs' / 'lwl' / 'lwl_r50_test-davis17.py')
    return MODELS.build(config.model).state_dict()


def test_keys_are_those_of_the_authors_network_without_what_is_for_boxes(ours):
    """The mask encoder is called label encoder there, and the decoder sees the filters' encoding alone."""
    theirs, to_ours = convert_lwl(ours, ours)
    assert not to_ours
    shared = {k: v for k, v in STA_KEYS.items() if k.startswith(('feature_', 'target_model.', 'decoder.'))}
    encoder = {k.replace('segm_', 'label_'): v for k, v in STA_KEYS.items() if k.startswith('segm_encoder.')}
    assert theirs.keys() == shared.keys() | encoder.keys()
    for key, shape in (shared | encoder).items():
        if '.transform.' not in key:  # these take 16 channels less
            assert list(theirs[key].shape) == shape


def test_there_and_back(ours):
    theirs, _ = convert_lwl(ours, ours)
    back, to_ours = convert_lwl(theirs, ours)
    assert to_ours and back.keys() == ours.keys()
    assert all(torch.equal(back[key], ours[key]) for key in ours)
    first = 'backbone.conv1.weight'
    assert torch.equal(theirs['feature_extractor.conv1.weight'], ours[first].flip(1)), 'they see BGR'


def test_another_backbone_is_named(ours):
    config = Config.fromfile(REPO / 'configs' / 'lwl' / 'lwl_mobilenetv2.py')
    model = MODELS.build(config.model).state_dict()
    with pytest.raises(
        CheckpointError, match=r'lwl.pth: the model has no backbone.conv1.weight, expected a ResNet'
    ):
        convert_lwl(ours, model, 'lwl.pth')


def test_stanet_s_checkpoint_is_refused(ours):
    state = {key: torch.zeros(shape) for key, shape in STA_KEYS.items()}
    with pytest.raises(CheckpointError, match=r'sta.pth: .*unknown \(such as .*bbox_encoder'):
        convert_lwl(state, ours, 'sta.pth')


def test_the_variant_for_boxes_has_its_own_encoder_beside():
    """Keys are the authors': residual blocks in a row, then a convolution (pytracking, lwl_box_net.py)."""
    config = Config.fromfile(REPO / 'configs' / 'lwl' / 'lwl_r50_box.py')
    ours = MODELS.build(config.model).state_dict()
    theirs, _ = convert_lwl(ours, ours)
    own = {key.removeprefix('box_label_encoder.'): list(theirs[key].shape) for key in theirs if 'box_' in key}
    assert own == {
        'res.0.conv1.weight': [64, 513, 3, 3],
        'res.0.conv2.weight': [64, 64, 3, 3],
        'res.0.downsample.weight': [64, 513, 3, 3],
        'res.0.downsample.bias': [64],
        'res.1.conv1.weight': [64, 64, 3, 3],
        'res.1.conv2.weight': [64, 64, 3, 3],
        'res.1.downsample.weight': [64, 64, 3, 3],
        'res.1.downsample.bias': [64],
        'label_pred.0.weight': [16, 64, 3, 3],
        'label_pred.0.bias': [16],
    }
    back, to_ours = convert_lwl(theirs, ours)
    assert to_ours and all(torch.equal(back[key], ours[key]) for key in ours)
