"""Whatever makes mmengine load weights or annotations, no code of theirs runs."""

import functools
import hashlib
import http.server
import pickle
import subprocess
import sys
import threading

import mmengine
import numpy as np
import pytest
import torch
from malicious_files import Payload, malicious_checkpoint
from mmengine.dataset import BaseDataset
from mmengine.runner.checkpoint import CheckpointLoader, _load_checkpoint_with_prefix
from torch import nn

from vosplug.checkpoint import TRUSTED_FILES, sources
from vosplug.errors import AnnotationError, CheckpointError

STATE = {'weight': torch.ones(4, 3), 'bias': torch.zeros(4)}


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Address of a server of files in ``tmp_path / 'served'``; downloads go below ``tmp_path``."""
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    monkeypatch.setenv('MMENGINE_HOME', str(tmp_path / 'mmengine'))
    (tmp_path / 'served').mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=tmp_path / 'served')
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{httpd.server_port}'
        httpd.shutdown()


@pytest.fixture
def anywhere(tmp_path, server, monkeypatch):
    """Every name of weights, by scheme, for a file that is served and on disk."""

    def names(file: str) -> list[str]:
        url = f'{server}/{file}'
        for function in ('get_torchvision_models', 'get_external_models', 'get_mmcls_models'):
            monkeypatch.setattr(sources, function, lambda: {'net': url})
        schemes = ('torchvision', 'modelzoo', 'openmmlab', 'open-mmlab', 'mmcls')
        return [str(tmp_path / 'served' / file), url, *(f'{scheme}://net' for scheme in schemes)]

    return names


def test_every_scheme_of_mmengine_has_a_loader_of_ours():
    assert {loader.__module__ for loader in CheckpointLoader._schemes.values()} == {sources.__name__}


def test_no_code_runs_by_any_scheme(tmp_path, anywhere):
    malicious_checkpoint(3, tmp_path / 'ran', tmp_path / 'served' / 'bad.pth', STATE)
    for name in anywhere('bad.pth'):
        with pytest.raises(CheckpointError, match=r'bad\.pth'):
            CheckpointLoader.load_checkpoint(name, 'cpu')
        with pytest.raises(CheckpointError, match=r'bad\.pth'):
            _load_checkpoint_with_prefix('backbone', name)
    assert not (tmp_path / 'ran').exists()


def test_weights_are_loaded_by_any_scheme(tmp_path, anywhere):
    torch.save(
        dict(state_dict={f'backbone.{k}': v for k, v in STATE.items()}), tmp_path / 'served' / 'good.pth'
    )
    for name in anywhere('good.pth'):
        state = CheckpointLoader.load_checkpoint(name, 'cpu')['state_dict']
        part = '' if name.startswith('mmcls') else 'backbone.'
        assert torch.equal(state[f'{part}weight'], STATE['weight'])


@pytest.mark.parametrize('name', ['s3://bucket/w.pth', 'petrel:s3://b/w.pth', 'petrel://b/w.pth', 'pavi://w'])
def test_stores_that_are_not_read_say_what_to_do(name):
    with pytest.raises(CheckpointError, match='Download the file'):
        CheckpointLoader.load_checkpoint(name)


@pytest.mark.parametrize('scheme', ['openmmlab', 'mmcls'])
def test_a_name_that_is_in_no_list_is_named(scheme, tmp_path, monkeypatch):
    monkeypatch.setenv('MMENGINE_HOME', str(tmp_path))
    with pytest.raises(CheckpointError, match=f'{scheme}://nothing: no weights of this name'):
        CheckpointLoader.load_checkpoint(f'{scheme}://nothing')


def test_a_download_must_have_the_hash_in_its_name(tmp_path, server):
    torch.save(STATE, tmp_path / 'served' / 'w.pth')
    content = (tmp_path / 'served' / 'w.pth').read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:8]
    for name in (f'w-{digest}.pth', 'w-0123abcd.pth'):
        (tmp_path / 'served' / name).write_bytes(content)
    assert CheckpointLoader.load_checkpoint(f'{server}/w-{digest}.pth').keys() == STATE.keys()
    cached = tmp_path / 'torch' / 'hub' / 'checkpoints'
    for _ in range(2):
        with pytest.raises(CheckpointError, match=rf'w-0123abcd\.pth: .* hash {digest}, expected 0123abcd'):
            CheckpointLoader.load_checkpoint(f'{server}/w-0123abcd.pth')
        assert [path.name for path in cached.iterdir()] == [f'w-{digest}.pth']


@pytest.mark.parametrize('path', ['', '/', '/..', '/gone.pth'])
def test_what_cannot_be_downloaded_is_named(server, path):
    with pytest.raises(CheckpointError, match=f'{server}{path}: '):
        CheckpointLoader.load_checkpoint(f'{server}{path}')


def test_wrong_weights_are_named_on_this_way_too(tmp_path):
    torch.save(dict(state_dict={'weight': torch.full((2,), torch.nan)}), tmp_path / 'w.pth')
    with pytest.raises(CheckpointError, match=r"w\.pth: 'weight' is NaN"):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'w.pth'))


def test_code_in_the_config_of_a_checkpoint_is_not_handed_to_mmengine(tmp_path):
    """Its Runner executes ``meta['config']`` when a training resumes."""
    meta = dict(config='import os; os.mkdir("ran")', iter=3)
    torch.save(dict(state_dict=STATE, meta=meta), tmp_path / 'w.pth')
    assert CheckpointLoader.load_checkpoint(str(tmp_path / 'w.pth'))['meta'] == dict(iter=3)


SCRIPTS = [
    'import vosplug\nfrom mmengine.runner import load_checkpoint',
    pytest.param('from mmengine.runner import load_checkpoint\nimport vosplug', marks=pytest.mark.slow),
]


@pytest.mark.parametrize('imports', SCRIPTS)
def test_a_script_that_imports_vosplug_is_safe(tmp_path, imports):
    path = malicious_checkpoint(3, tmp_path / 'ran', tmp_path / 'bad.pth', STATE)
    script = f'{imports}\nfrom torch import nn\nload_checkpoint(nn.Linear(3, 4), {str(path)!r})'
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True)
    assert 'vosplug.errors.CheckpointError' in done.stderr and not (tmp_path / 'ran').exists()


def test_importing_vosplug_stays_light():
    code = "import vosplug, sys; print({'torch', 'mmengine', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'set()'


# ------------------------------------------------------------------ pickled annotations


def test_no_code_of_a_pickled_annotation_file_runs(tmp_path):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(pickle.dumps(dict(metainfo={}, data_list=[Payload(tmp_path / 'ran')])))
    with pytest.raises(AnnotationError, match=rf'asks for posix\.mkdir.*{TRUSTED_FILES}'):
        BaseDataset(ann_file=str(path))
    assert not (tmp_path / 'ran').exists()


@pytest.mark.parametrize('protocol', range(6))
def test_pickled_annotations_of_plain_data_are_read(tmp_path, protocol):
    infos = dict(boxes=np.ones((2, 4), np.float32), ids={1, 2}, raw=b'\x00\xff', score=np.float64(0.5))
    (tmp_path / 'infos.pkl').write_bytes(pickle.dumps(infos, protocol=protocol))
    found = mmengine.load(tmp_path / 'infos.pkl')
    assert np.array_equal(found.pop('boxes'), infos.pop('boxes')) and found == infos


def test_a_damaged_pickle_is_no_traceback_of_pickle(tmp_path):
    (tmp_path / 'infos.pkl').write_bytes(b'\x80\x05 cut off')
    with pytest.raises(AnnotationError, match='damaged'):
        mmengine.load(tmp_path / 'infos.pkl')


def test_a_trusted_pickle_of_annotations_is_loaded(tmp_path, monkeypatch):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(pickle.dumps(Payload(tmp_path / 'ran')))
    monkeypatch.setenv(TRUSTED_FILES, str(path))
    mmengine.load(path)
    assert (tmp_path / 'ran').exists()


def test_strict_loading_by_mmengine_still_works(tmp_path):
    torch.save(STATE, tmp_path / 'w.pth')
    model = nn.Linear(3, 4)
    mmengine.runner.load_checkpoint(model, str(tmp_path / 'w.pth'), strict=True)
    assert torch.equal(model.weight, STATE['weight'])
