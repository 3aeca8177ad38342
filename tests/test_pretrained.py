"""Pretrained weights that configs start from; those that are missing are explained."""

import re

import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from vosplug.apis import init_model
from vosplug.checkpoint.pretrained import PRETRAINED
from vosplug.errors import CheckpointError
from vosplug.paths import config_root


def test_every_variable_of_the_configs_is_known_with_its_default():
    named = re.compile(r'\{\{\$([A-Z0-9_]+_WEIGHTS):([^}]+)\}\}')
    found = {pair for path in config_root().rglob('*.py') for pair in named.findall(path.read_text())}
    others = {pair for pair in found if pair[1].startswith('zoo://')}  # they need no file
    assert found - others == {(known.variable, known.default) for known in PRETRAINED}


@pytest.mark.parametrize('value', [None, 'elsewhere/net.pth'])
def test_missing_weights_name_variable_and_source(value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('MOBILENETV2_WEIGHTS', raising=False)
    if value:
        monkeypatch.setenv('MOBILENETV2_WEIGHTS', value)
    with pytest.raises(CheckpointError) as caught:
        init_model('stm/stm_mobilenetv2_davis16-mask.py')
    message = str(caught.value)
    assert (value or 'checkpoints/mobilenet_v2-b0353104.pth') + ': no such checkpoint' in message
    assert 'MOBILENETV2_WEIGHTS' in message and 'https://download.pytorch.org/models/mobilenet_v2' in message


def test_own_videos_train_from_weights_that_come_with_the_package(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('MOBILENETV2_WEIGHTS', raising=False)
    model, start = init_model('stm/stm_mobilenetv2_my-videos.py'), init_model('xmem-tiny-box')
    weights = start.backbone.state_dict()
    own = model.backbone.state_dict()
    assert own.keys() == weights.keys() and all(torch.equal(own[key], weights[key]) for key in own)


def test_models_of_the_package_are_loaded_by_name_whole_or_in_part(capsys):
    whole = CheckpointLoader.load_checkpoint('zoo://box2seg-tiny')['state_dict']
    part = CheckpointLoader.load_checkpoint('zoo://box2seg-tiny/backbone')['state_dict']
    assert part and all(torch.equal(part[key], whole[f'backbone.{key}']) for key in part)
    assert len(part) == sum(key.startswith('backbone.') for key in whole) < len(whole)
    for name, found in (('zoo://box3seg', 'box2seg-tiny'), ('zoo://box2seg-tiny/neck', "no part 'neck'")):
        with pytest.raises(CheckpointError, match=found):
            CheckpointLoader.load_checkpoint(name)
