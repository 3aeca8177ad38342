"""Models by name: published weights, and what comes with the package."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from vosplug.apis import init_model, zoo_models
from vosplug.checkpoint import publish, read_checkpoint
from vosplug.errors import CheckpointError, ConfigError
from vosplug.models import zoo

CONFIG = 'xmem_box/xmem_tiny_synthetic-box.py'
PUBLISH = Path(__file__).parents[2] / 'tools' / 'publish_model.py'


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """A model and its checkpoint, published by the tool."""
    folder = tmp_path_factory.mktemp('zoo')
    torch.manual_seed(0)
    model = init_model(CONFIG)
    torch.save(dict(state_dict=model.state_dict(), meta={}), folder / 'iter_1.pth')
    target = folder / 'mine.safetensors'
    command = [sys.executable, PUBLISH, CONFIG, folder / 'iter_1.pth', target, '--licence', 'Apache-2.0']
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return model, target


@pytest.fixture
def published(files, monkeypatch):
    """The same, in a zoo of its own."""
    monkeypatch.setattr(zoo, 'ZOO', files[1].parent)
    return files


def test_a_model_comes_by_its_name_with_its_weights(published):
    model, _ = published
    assert zoo_models() == ['mine']
    loaded = init_model('mine').state_dict()
    for key, value in model.state_dict().items():
        expected = value.half().float() if value.is_floating_point() else value
        assert torch.equal(loaded[key], expected), key
        assert loaded[key].dtype == value.dtype


def test_published_weights_are_half_as_large_and_say_what_they_are(published):
    model, target = published
    assert read_checkpoint(target)['meta'] == dict(config=CONFIG, licence='Apache-2.0')
    size = sum(v.numel() for v in model.state_dict().values())
    assert 2 * size < target.stat().st_size < 2.3 * size
    assert not list(target.parent.glob('.*'))


def test_published_weights_may_be_read_by_whoever_may_read_other_files(published, tmp_path):
    _, target = published
    (tmp_path / 'other').touch()
    assert target.stat().st_mode == (tmp_path / 'other').stat().st_mode


def test_other_weights_may_go_into_a_named_model(published, tmp_path):
    torch.manual_seed(1)
    other = init_model(CONFIG)
    publish(other.state_dict(), tmp_path / 'other.safetensors', {})
    loaded = init_model('mine', tmp_path / 'other.safetensors')
    key = 'decode_head.skips.0.weight'
    assert torch.equal(loaded.state_dict()[key], other.state_dict()[key].half().float())


def test_an_unknown_name_is_refused_with_those_there_are(published):
    with pytest.raises(ConfigError, match=r"theirs: no model of this name .*\['mine'\]"):
        init_model('theirs')


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / 'bad.safetensors').write_bytes(b'no weights')
    with pytest.raises(CheckpointError, match=r'bad\.safetensors: cannot be read as safetensors'):
        read_checkpoint(tmp_path / 'bad.safetensors')
