"""SAM 2 comes from a folder or a name, as data, and what is wrong with it is said."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from small_data import make_masks, write_davis
from small_sam2 import small_sam2, small_sam2_of_images, write_small_sam2
from small_videos import mask_prompts, moving_squares

from vosplug.apis import init_model
from vosplug.cli import main
from vosplug.errors import CheckpointError, ConfigError
from vosplug.models import SAM2BoxInitializer, SAM2Tracker

NAME = 'facebook/sam2.1-hiera-tiny'
CONFIG = 'sam2/sam2.1_hiera-tiny_davis16.py'


@pytest.fixture
def folder(tmp_path):
    return write_small_sam2(tmp_path / 'sam2')


def test_a_config_takes_a_folder_and_runs_with_its_weights(folder, monkeypatch):
    monkeypatch.setenv('SAM2_MODEL', str(folder))
    frames, masks = moving_squares(frames=3)
    prompts = {0: mask_prompts(masks[0])}
    expected = list(SAM2Tracker(small_sam2()).stream(frames, prompts, return_probs=True))
    for a, b in zip(expected, init_model(CONFIG).stream(frames, prompts, return_probs=True), strict=True):
        np.testing.assert_allclose(a.probs, b.probs, atol=1e-4)


def test_commands_track_test_and_label(folder, monkeypatch, tmp_path):
    monkeypatch.setenv('SAM2_MODEL', str(folder))
    root = write_davis(tmp_path / 'davis', {'bear': make_masks()})
    (root / 'ImageSets' / 'val.txt').write_text('bear\n')
    monkeypatch.setenv('DAVIS2016_ROOT', str(root))
    videos = root / 'JPEGImages' / '480p'

    prompts = ['--box', '1@0:10,8,30,26', '--point', '2@1:20,20', '--both-directions']
    out = ['--out', str(tmp_path / 'tracked'), '--write', 'masks']
    assert not main(['track', str(videos / 'bear'), *prompts, '--model', CONFIG, *out])
    assert list((tmp_path / 'tracked').rglob('*.png'))

    options = ['test_dataloader.dataset.ann_file=ImageSets/val.txt', 'test_dataloader.num_workers=0']
    options.append('test_dataloader.persistent_workers=False')
    config, work_dir = CONFIG.replace('.py', '_box.py'), ['--work-dir', str(tmp_path / 'tested')]
    assert not main(['test', config, *work_dir, '--cfg-options', *options])

    (tmp_path / 'boxes.csv').write_text('video,object,frame,x1,y1,x2,y2\nbear,1,00000,10,8,30,26\n')
    data = ['--videos', str(videos), '--boxes', str(tmp_path / 'boxes.csv')]
    data += ['--out', str(tmp_path / 'labels')]
    assert not main(['label', 'sam2/sam2.1_hiera-tiny_box-to-mask.py', *data])
    assert list((tmp_path / 'labels').rglob('bear/00000.png'))


def test_weights_of_images_are_enough_for_boxes_but_not_for_videos(tmp_path):
    small_sam2_of_images().save_pretrained(tmp_path)
    assert type(SAM2BoxInitializer(tmp_path).model).__name__ == 'Sam2Model'
    with pytest.raises(CheckpointError, match="type 'sam2', expected sam2_video"):
        SAM2Tracker(tmp_path)


def test_a_name_that_is_not_in_the_cache_is_said_without_asking_the_network(monkeypatch, tmp_path):
    monkeypatch.setattr('socket.socket.connect', lambda *_: pytest.fail('asked the network'))
    with pytest.raises(CheckpointError, match=f'{NAME}: cannot be loaded .*hf download'):
        SAM2Tracker(NAME, local_files_only=True)


def test_a_folder_that_is_missing_or_no_sam2_is_named(tmp_path):
    with pytest.raises(CheckpointError, match='nowhere: no such folder.*hf download'):
        SAM2Tracker(tmp_path / 'nowhere')
    with pytest.raises(CheckpointError, match=r'\./weights: no such folder'):
        SAM2Tracker('./weights')
    (tmp_path / 'config.json').write_text('{}')
    torch.save({}, tmp_path / 'pytorch_model.bin')
    with pytest.raises(CheckpointError, match=r"model.safetensors, found \['config.json', 'pytorch_"):
        SAM2Tracker(tmp_path)


def damaged(folder, change) -> None:
    path = folder / 'model.safetensors'
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={'format': 'pt'})


KEY = 'memory_encoder.projection.weight'


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda w: w.pop(KEY), f'1 weights of Sam2VideoModel are missing .*{KEY}'),
        (lambda w: w[KEY].fill_(torch.nan), f'{KEY}.* is NaN'),
        (lambda w: w.update({KEY: w[KEY][:1].clone()}), 'cannot be loaded .*|missing or of another shape'),
    ],
)
def test_incomplete_weights_are_refused(folder, change, message):
    damaged(folder, change)
    with pytest.raises(CheckpointError, match=message):
        SAM2Tracker(folder)


def test_damaged_files_and_other_models_are_refused(folder):
    (folder / 'model.safetensors').write_bytes(b'no weights')
    with pytest.raises(CheckpointError, match='sam2: cannot be loaded'):
        SAM2Tracker(folder)
    (folder / 'config.json').write_text(json.dumps(dict(model_type='bert')))
    with pytest.raises(CheckpointError, match="a model of type 'bert', expected sam2_video"):
        SAM2Tracker(folder)


def test_code_of_a_folder_does_not_run(folder, tmp_path):
    config = json.loads((folder / 'config.json').read_text())
    config['auto_map'] = dict(AutoConfig='evil.Config', AutoModel='evil.Model')
    (folder / 'config.json').write_text(json.dumps(config))
    (folder / 'evil.py').write_text(f'open({str(tmp_path / "ran")!r}, "w")')
    SAM2Tracker(folder)
    assert not (tmp_path / 'ran').exists()


def test_without_transformers_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'transformers', None)
    with pytest.raises(ConfigError, match=r'not installed: pip install "vosplug\[sam2\]"'):
        SAM2Tracker(NAME)


def test_an_old_transformers_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'transformers', SimpleNamespace(__version__='4.50.0'))
    with pytest.raises(ConfigError, match='4.57.1 or newer, found 4.50.0: pip install --upgrade'):
        SAM2Tracker(NAME)


@pytest.mark.slow
def test_vosplug_can_be_imported_without_transformers():
    code = 'import sys; sys.modules["transformers"] = None; import vosplug.models, vosplug.engine'
    subprocess.run([sys.executable, '-c', code], check=True)
