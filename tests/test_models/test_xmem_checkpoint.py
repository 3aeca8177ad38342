"""The authors' checkpoint layout and ours, both ways and strictly."""

import subprocess
import sys

import pytest
import torch
from golden_networks import REPO
from xmem_goldens import authors_weights, build

from vosplug.checkpoint import load_weights
from vosplug.errors import CheckpointError
from vosplug.models.xmem_checkpoint import convert_xmem


@pytest.fixture(scope='module')
def model():
    return build()


@pytest.fixture(scope='module')
def authors() -> dict[str, torch.Tensor]:
    return authors_weights()


def test_all_412_keys_go_there_and_back(model, authors):
    ours, to_ours = convert_xmem(authors, model.state_dict())
    assert to_ours and len(ours) == len(authors) == 412
    assert ours.keys() == model.state_dict().keys()
    back, to_ours = convert_xmem(ours, model.state_dict())
    assert not to_ours and back.keys() == authors.keys()
    assert all(torch.equal(back[key], authors[key]) for key in authors)


@pytest.mark.parametrize(
    ('change', 'says'),
    [
        (lambda s: s.pop('decoder.pred.bias'), r"1 keys missing \(such as \['decoder.pred.bias'\]"),
        (lambda s: s.update(extra=torch.zeros(1)), r"1 unknown \(such as \['extra'\]"),
        (
            lambda s: s.update({'decoder.pred.bias': torch.zeros(3)}),
            r'1 of another shape .*pred.bias.*3',
        ),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(model, authors, change, says):
    state = dict(authors)
    change(state)
    with pytest.raises(CheckpointError, match=f'XMem.pth: expected XMem weights .*{says}'):
        convert_xmem(state, model.state_dict(), 'XMem.pth')


def convert(*paths) -> subprocess.CompletedProcess:
    tool = REPO / 'tools' / 'model_converters' / 'xmem_to_vosplug.py'
    return subprocess.run([sys.executable, tool, *map(str, paths)], capture_output=True, text=True)


def test_the_tool_writes_what_a_model_loads(model, authors, tmp_path):
    torch.save(authors, tmp_path / 'XMem.pth')
    done = convert(tmp_path / 'XMem.pth', tmp_path / 'out' / 'ours.pth')
    assert done.returncode == 0, done.stderr
    assert '412 keys in our layout' in done.stdout
    load_weights(model, tmp_path / 'out' / 'ours.pth')
    assert torch.equal(model.decode_head.predict.weight, authors['decoder.pred.weight'])
    assert [p.name for p in (tmp_path / 'out').iterdir()] == ['ours.pth']


def test_the_tool_names_a_wrong_file(tmp_path):
    torch.save({'weight': torch.zeros(1)}, tmp_path / 'other.pth')
    done = convert(tmp_path / 'other.pth', tmp_path / 'ours.pth')
    assert done.returncode != 0 and 'Traceback' not in done.stderr
    assert 'other.pth: expected XMem weights' in done.stderr
    assert not (tmp_path / 'ours.pth').exists()
