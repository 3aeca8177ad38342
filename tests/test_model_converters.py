"""The tool that writes any checkpoint as safetensors."""

import runpy
import sys
from pathlib import Path

import pytest
import torch
from malicious_files import Payload

from vosplug.checkpoint import read_checkpoint

TOOL = Path(__file__).parents[1] / 'tools' / 'model_converters' / 'to_safetensors.py'
STATE = {'weight': torch.rand(4, 3, dtype=torch.float64), 'bias': torch.zeros(4, dtype=torch.bfloat16)}


@pytest.fixture
def convert(monkeypatch, tmp_path):
    """Run the tool in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('VOSPLUG_TRUSTED_FILES', '')

    def run(*args: str) -> None:
        monkeypatch.setattr(sys, 'argv', ['to_safetensors.py', *args])
        runpy.run_path(str(TOOL), run_name='__main__')

    return run


@pytest.mark.parametrize(
    ('content', 'options'),
    [
        (STATE, ()),
        (dict(state_dict=STATE, optimizer={}), ()),
        (dict(net=STATE, epoch=3), ('--key', 'net')),
    ],
)
def test_weights_keep_their_precision(convert, content, options):
    torch.save(content, 'in.pth')
    convert('in.pth', 'out.safetensors', *options)
    found = read_checkpoint('out.safetensors')['state_dict']
    assert all(torch.equal(found[key], STATE[key]) and found[key].dtype == STATE[key].dtype for key in STATE)


def test_code_runs_only_if_trusted(convert, tmp_path):
    torch.save(dict(net=STATE, settings=Payload(tmp_path / 'ran')), 'in.pth')
    with pytest.raises(SystemExit, match=r'in\.pth.*never loaded'):
        convert('in.pth', 'out.safetensors', '--key', 'net')
    assert [path.name for path in tmp_path.iterdir()] == ['in.pth']
    convert('in.pth', 'out.safetensors', '--key', 'net', '--trust-code')
    assert (tmp_path / 'ran').exists() and read_checkpoint('out.safetensors')[
        'state_dict'
    ].keys() == STATE.keys()


@pytest.mark.parametrize(
    ('args', 'named'),
    [
        (
            ('in.pth', 'out.safetensors', '--key', 'nothing'),
            r"has no key 'nothing', expected one of \['epoch', 'net'\]",
        ),
        (('in.pth', 'out.safetensors'), "'net' is a dict|'epoch' is a int"),
        (('in.pth', 'out.safetensors', '--key', 'epoch'), 'state_dict is a int'),
        (('gone.pth', 'out.safetensors'), 'no such checkpoint'),
    ],
)
def test_what_cannot_be_written_is_named(convert, args, named):
    torch.save(dict(net=STATE, epoch=3), 'in.pth')
    with pytest.raises(SystemExit, match=f'CheckpointError: .*({named})'):
        convert(*args)
