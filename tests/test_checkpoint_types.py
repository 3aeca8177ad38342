"""Files that are no checkpoints of weights are refused with file and key."""

import os
import struct
import zipfile

import pytest
import torch
from malicious_files import Payload, malicious_checkpoint
from safetensors.torch import save_file
from torch import nn

from vosplug.checkpoint import TRUSTED_FILES, load_weights, publish, read_checkpoint, write_safetensors
from vosplug.errors import CheckpointError

WEIGHT, BIAS = torch.ones(4, 3), torch.zeros(4)


@pytest.fixture
def model() -> nn.Module:
    return nn.Linear(3, 4)


@pytest.mark.parametrize('seed', range(40))
def test_no_code_of_a_checkpoint_runs(tmp_path, model, seed):
    path = malicious_checkpoint(seed, tmp_path / 'ran', tmp_path / 'bad.pth', model.state_dict())
    with pytest.raises(CheckpointError, match=r'bad\.pth'):
        load_weights(model, path)
    assert not (tmp_path / 'ran').exists()


WRONG_VALUES = {
    'a list': [1.0, 2.0],
    'a NoneType': None,
    'a float': 3.5,
    'a sparse tensor': torch.eye(4, 3).to_sparse(),
    'a tensor on the meta device': torch.ones(4, 3, device='meta'),
    'NaN': torch.full((4, 3), float('nan')),
    'an expanded view': torch.ones(1).expand(10**9, 10**5),
    'a nested tensor': torch.nested.nested_tensor([torch.ones(3), torch.ones(2)]),
}


@pytest.mark.parametrize('found', WRONG_VALUES)
@pytest.mark.parametrize('inside', [True, False])
@pytest.mark.filterwarnings('ignore')  # of prototypes in torch
def test_what_is_no_dense_tensor_of_numbers_is_named(tmp_path, model, found, inside):
    state = {'weight': WRONG_VALUES[found], 'bias': BIAS}
    torch.save(dict(state_dict=state) if inside else state, tmp_path / 'w.pth')
    with pytest.raises(CheckpointError, match=rf"w\.pth: 'weight' is {found}"):
        load_weights(model, tmp_path / 'w.pth')


@pytest.mark.filterwarnings('ignore')  # it is deprecated, and old files have it
def test_a_quantised_tensor_is_named(tmp_path, model):
    quantised = torch.quantize_per_tensor(WEIGHT, 0.1, 0, torch.qint8)
    torch.save({'weight': quantised, 'bias': BIAS}, tmp_path / 'w.pth')
    with pytest.raises(CheckpointError, match=r"w\.pth: 'weight' is a quantised tensor"):
        load_weights(model, tmp_path / 'w.pth')


@pytest.mark.parametrize(
    ('value', 'named'),
    [
        (WEIGHT.to(torch.complex64), 'complex64, expected real'),
        (WEIGHT.long(), 'int64, expected real'),
        (WEIGHT.bool(), 'bool, expected real'),
        (WEIGHT / 0, 'infinite'),
    ],
)
def test_other_numbers_than_the_models_are_named_and_leave_it_alone(tmp_path, model, value, named):
    before = model.weight.clone()
    torch.save({'weight': value, 'bias': BIAS}, tmp_path / 'w.pth')
    with pytest.raises(CheckpointError, match=rf"w\.pth: 'weight' is .*{named}"):
        load_weights(model, tmp_path / 'w.pth')
    assert torch.equal(model.weight, before)


def test_infinity_where_the_model_has_it_itself_is_no_damage(tmp_path):
    model = nn.Linear(3, 4)
    model.register_buffer('mask', torch.tensor([0.0, -torch.inf]))
    torch.save(model.state_dict(), tmp_path / 'w.pth')
    load_weights(model, tmp_path / 'w.pth')


def test_numbers_of_eight_bits_are_checked_too(tmp_path, model):
    torch.save({'weight': WEIGHT.to(torch.float8_e4m3fn), 'bias': BIAS}, tmp_path / 'w.pth')
    load_weights(model, tmp_path / 'w.pth')
    assert torch.equal(model.weight, WEIGHT)


@pytest.mark.parametrize(
    ('content', 'named'),
    [
        ({1: WEIGHT, 'bias': BIAS}, 'key 1 is a int'),
        ({None: WEIGHT, 'bias': BIAS}, 'key None is a NoneType'),
        (dict(state_dict=[WEIGHT]), 'state_dict is a list'),
        (dict(state_dict=None), 'state_dict is a NoneType'),
        (dict(state_dict={'weight': WEIGHT, 'bias': BIAS}, meta=[1]), 'meta is a list'),
        (dict(epoch=3, net={'weight': WEIGHT, 'bias': BIAS}), "'epoch' is a int.*maybe 'net'.*--key"),
        ([WEIGHT], 'holds a list'),
        (WEIGHT, 'holds a Tensor'),
    ],
)
def test_another_structure_is_named(tmp_path, model, content, named):
    torch.save(content, tmp_path / 'w.pth')
    with pytest.raises(CheckpointError, match=rf'w\.pth: .*{named}'):
        load_weights(model, tmp_path / 'w.pth')


@pytest.mark.parametrize('name', ['w.pth', 'w.safetensors'])
def test_what_is_no_file_of_weights_is_named(tmp_path, name):
    path = tmp_path / name
    path.mkdir()
    with pytest.raises(CheckpointError, match=f'{name}: found a folder'):
        read_checkpoint(path)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(CheckpointError, match=f'{name}: found a device or pipe'):
        read_checkpoint(path)
    path.unlink()
    path.touch()
    with pytest.raises(CheckpointError, match=f'{name}: is empty'):
        read_checkpoint(path)


def header(text: str) -> bytes:
    return struct.pack('<Q', len(text)) + text.encode()


@pytest.mark.parametrize(
    'content',
    [
        b'\x01',
        struct.pack('<Q', 2**63) + b'{}',
        header('not json'),
        header('[]'),
        header('{"__metadata__": {"config": 3}}'),
        header('{"__metadata__": []}'),
        header('{"w": {"dtype": "F32", "shape": [1000000000000], "data_offsets": [0, 4000000000000]}}'),
        header('{"w": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}') + bytes(4),
        header('{"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}') + bytes(4),
    ],
)
def test_damaged_safetensors_are_named(tmp_path, content):
    (tmp_path / 'w.safetensors').write_bytes(content)
    with pytest.raises(CheckpointError, match=r'w\.safetensors: cannot be read as safetensors'):
        read_checkpoint(tmp_path / 'w.safetensors')


@pytest.mark.parametrize('name', ['w.pth', 'w.safetensors'])
def test_a_checkpoint_cut_anywhere_is_named(tmp_path, model, name):
    path = tmp_path / name
    if path.suffix == '.pth':
        torch.save(model.state_dict(), path)
    else:
        save_file(model.state_dict(), path)
    content = path.read_bytes()
    for end in range(1, len(content), 37):
        path.write_bytes(content[:end])
        with pytest.raises(CheckpointError, match=name.replace('.', r'\.')):
            load_weights(model, path)


def test_records_larger_than_the_file_are_refused_before_they_are_unpacked(tmp_path, model):
    torch.save(model.state_dict(), tmp_path / 'w.pth')
    with (
        zipfile.ZipFile(tmp_path / 'w.pth') as source,
        zipfile.ZipFile(tmp_path / 'bomb.pth', 'w', zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in source.namelist():
            bomb.writestr(name, bytes(10**8) if name.endswith('data.pkl') else source.read(name))
    with pytest.raises(CheckpointError, match=r'bomb\.pth: its records declare 1000\d+ bytes'):
        read_checkpoint(tmp_path / 'bomb.pth')


def test_a_trusted_file_is_loaded_with_its_code_and_a_warning_others_are_not(tmp_path, monkeypatch):
    for name in ('mine.pth', 'other.pth'):
        content = dict(state_dict={'weight': WEIGHT, 'bias': BIAS}, extra=Payload(tmp_path / f'ran-{name}'))
        torch.save(content, tmp_path / name)
    monkeypatch.setenv(TRUSTED_FILES, f'{tmp_path / "mine.pth"}{os.pathsep}elsewhere.pth')
    warnings = []
    monkeypatch.setattr('vosplug.checkpoint.files.print_log', lambda message, *_: warnings.append(message))
    load_weights(nn.Linear(3, 4), tmp_path / 'mine.pth')
    assert (tmp_path / 'ran-mine.pth').exists()
    assert len(warnings) == 1 and 'mine.pth: loaded with its code' in warnings[0]
    with pytest.raises(CheckpointError, match=rf'never loaded.*{TRUSTED_FILES}={tmp_path / "other.pth"}'):
        load_weights(nn.Linear(3, 4), tmp_path / 'other.pth')
    assert not (tmp_path / 'ran-other.pth').exists()


def test_a_trusted_file_that_is_damaged_is_named(tmp_path, monkeypatch):
    (tmp_path / 'w.pth').write_bytes(b'no pickle')
    monkeypatch.setenv(TRUSTED_FILES, str(tmp_path / 'w.pth'))
    with pytest.raises(CheckpointError, match=r'w\.pth: trusted, but cannot be loaded'):
        read_checkpoint(tmp_path / 'w.pth')


def test_the_variable_of_torch_that_allows_code_changes_nothing(tmp_path, monkeypatch, model):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    path = malicious_checkpoint(1, tmp_path / 'ran', tmp_path / 'bad.pth', {})
    with pytest.raises(CheckpointError):
        load_weights(model, path)
    assert not (tmp_path / 'ran').exists()


def test_weights_too_large_for_half_precision_are_not_published(tmp_path):
    with pytest.raises(CheckpointError, match=r"'weight' reaches 70000"):
        publish({'weight': torch.tensor([7e4])}, tmp_path / 'w.safetensors', {})
    assert not list(tmp_path.iterdir())


def test_tensors_that_share_memory_are_written_each(tmp_path):
    write_safetensors({'a': WEIGHT, 'b': WEIGHT.t()}, tmp_path / 'w.safetensors', {})
    state = read_checkpoint(tmp_path / 'w.safetensors')['state_dict']
    assert torch.equal(state['a'], WEIGHT) and torch.equal(state['b'], WEIGHT.t())
