"""Checkpoints are data, and fit."""

import os
import sys

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from torch import nn

from vosplug.apis import init_model
from vosplug.checkpoint import load_weights, read_checkpoint
from vosplug.errors import CheckpointError, ConfigError


class Payload:
    """Creates a file when unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_checkpoint_with_code_is_refused_and_does_not_run(tmp_path):
    torch.save(dict(state_dict={}, extra=Payload(str(tmp_path / 'ran'))), tmp_path / 'bad.pth')
    with pytest.raises(CheckpointError, match=r'bad\.pth.*never loaded'):
        read_checkpoint(tmp_path / 'bad.pth')
    assert not (tmp_path / 'ran').exists()


def test_what_mmengine_saves_is_read(tmp_path):
    history = HistoryBuffer()
    history.update(np.float64(0.5))
    saved = dict(
        state_dict=nn.Linear(2, 2).state_dict(),
        message_hub=dict(log_scalars={'loss': history}, runtime_info={'iter': np.int64(3)}),
        random_state=np.random.get_state(),
        rng=torch.get_rng_state(),
    )
    torch.save(saved, tmp_path / 'good.pth')
    found = read_checkpoint(tmp_path / 'good.pth')
    assert found['message_hub']['log_scalars']['loss'].current() == 0.5
    assert np.array_equal(found['random_state'][1], saved['random_state'][1])


class Lookup:
    """Asks for an attribute of a class when unpickled."""

    def __reduce__(self):
        return getattr, (np.ndarray, 'tofile')


def test_a_checkpoint_may_not_look_up_attributes(tmp_path):
    torch.save(dict(state_dict={}, extra=Lookup()), tmp_path / 'lookup.pth')
    with pytest.raises(CheckpointError, match="may not look up 'tofile'"):
        read_checkpoint(tmp_path / 'lookup.pth')


@pytest.mark.parametrize('content', [b'', b'not a checkpoint', b'PK\x03\x04 cut off'])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / 'damaged.pth').write_bytes(content)
    with pytest.raises(CheckpointError, match=r'damaged\.pth'):
        read_checkpoint(tmp_path / 'damaged.pth')


def test_a_missing_file_is_named():
    with pytest.raises(CheckpointError, match='nowhere.pth: no such checkpoint'):
        read_checkpoint('nowhere.pth')


@pytest.mark.parametrize('inside', [True, False])
def test_weights_of_a_model_in_a_distributed_data_parallel(tmp_path, inside):
    model, own = nn.Linear(2, 1), nn.Sequential(nn.Linear(2, 1))
    state = {f'module.{key}': torch.ones_like(value) for key, value in model.state_dict().items()}
    torch.save(dict(state_dict=state) if inside else state, tmp_path / 'a.pth')
    load_weights(model, tmp_path / 'a.pth')
    assert (model.weight == 1).all()
    own.module = own.pop(0)
    load_weights(own, tmp_path / 'a.pth')
    assert (own.module.weight == 1).all()


def test_weights_of_another_model_are_refused_with_the_keys(tmp_path):
    torch.save(nn.Conv2d(3, 4, 1).state_dict(), tmp_path / 'other.pth')
    with pytest.raises(CheckpointError, match=r"other\.pth.*1 of another shape \(such as \['weight'\]\)"):
        load_weights(nn.Linear(3, 4), tmp_path / 'other.pth')
    with pytest.raises(CheckpointError, match=r"2 keys missing \(such as \['0.bias', '0.weight'\]\)"):
        load_weights(nn.Sequential(nn.Linear(3, 4)), tmp_path / 'other.pth')


def test_a_refused_checkpoint_leaves_the_model_alone(tmp_path):
    torch.save({'weight': torch.ones(4, 3)}, tmp_path / 'half.pth')
    model = nn.Linear(3, 4)
    before = model.weight.clone()
    with pytest.raises(CheckpointError):
        load_weights(model, tmp_path / 'half.pth')
    assert torch.equal(model.weight, before)


def test_a_checkpoint_that_is_no_dict_of_tensors_is_refused(tmp_path):
    for content in ([1, 2], {'epoch': 3}):
        torch.save(content, tmp_path / 'list.pth')
        with pytest.raises(CheckpointError, match=r'list\.pth'):
            load_weights(nn.Linear(3, 4), tmp_path / 'list.pth')


def test_weights_of_torchvision_without_torchvision_say_what_to_do(monkeypatch):
    monkeypatch.delenv('RESNET50_WEIGHTS', raising=False)
    monkeypatch.setitem(sys.modules, 'torchvision', None)
    with pytest.raises(ConfigError, match=r'stm_r50_davis17\.py: init_cfg\.checkpoint.*RESNET50_WEIGHTS'):
        init_model('stm/stm_r50_davis17.py')


def test_pretrained_weights_that_are_missing_are_named():
    gone = {'model.backbone.init_cfg.checkpoint': 'gone.pth'}
    with pytest.raises(CheckpointError, match=r'gone\.pth: no such checkpoint'):
        init_model('stm/stm_mobilenetv2_davis16-mask.py', cfg_options=gone)
