"""What a user calls: a model by config, and masks on disk."""

import shutil

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from vosplug.apis import VOSInferencer, init_model
from vosplug.errors import CheckpointError, ConfigError, OutputError, VideoError
from vosplug.formats import read_id_mask
from vosplug.paths import config_root
from vosplug.structures import ObjectPrompt

SHIPPED = 'stm/stm_tiny_synthetic-box.py'


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    return init_model(SHIPPED)


@pytest.fixture
def frames() -> list[np.ndarray]:
    """A bright square that moves right."""
    frames = [np.full((48, 64, 3), 40, np.uint8) for _ in range(4)]
    for t, frame in enumerate(frames):
        frame[10:30, 8 + 2 * t : 28 + 2 * t] = 220
    return frames


GIVEN = np.zeros((48, 64), bool)
GIVEN[10:30, 8:28] = True
PROMPTS = {0: [ObjectPrompt(7, mask=GIVEN)]}


def test_a_model_is_ready_to_stream(model, frames):
    assert not model.training
    results = list(model.stream(frames, PROMPTS))
    assert len(results) == 4 and np.array_equal(results[0].mask == 7, GIVEN)


def test_config_by_shipped_name_by_path_or_as_config():
    path = config_root() / SHIPPED
    keys = [init_model(c).state_dict().keys() for c in (SHIPPED, path, str(path), Config.fromfile(path))]
    assert all(k == keys[0] for k in keys)


def test_building_prints_nothing(capfd):
    init_model(SHIPPED)
    printed = capfd.readouterr()
    assert not printed.out and 'INFO' not in printed.err


def test_options_change_the_model_and_not_the_callers_config():
    config = Config.fromfile(config_root() / SHIPPED)
    model = init_model(config, cfg_options={'model.test_cfg.short_side': 32})
    assert model.test_cfg['short_side'] == 32
    assert config.model.test_cfg.short_side == 128


def test_a_checkpoint_replaces_the_initialisation(model, tmp_path):
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'model.pth')
    loaded = init_model(SHIPPED, tmp_path / 'model.pth')
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, model.state_dict()[name]), name


def test_with_a_checkpoint_imagenet_weights_need_not_be_there(tmp_path, monkeypatch):
    monkeypatch.setenv('MOBILENETV2_WEIGHTS', str(tmp_path / 'nowhere.pth'))
    config = 'stm/stm_mobilenetv2_davis16-box.py'
    untrained = init_model(config, cfg_options={'model.backbone.init_cfg': None})
    torch.save(untrained.state_dict(), tmp_path / 'model.pth')
    assert init_model(config, tmp_path / 'model.pth')


@pytest.mark.parametrize(
    ('options', 'named'),
    [
        ({'modle.test_cfg.flip': True}, "Did you mean 'model'"),
        ({'model.memry.top_k': 3}, 'memry'),
        ({'model.test_cfg.short_sid': 3}, 'short_sid'),
        ({'model.type': 'STMM'}, 'STMM'),
    ],
)
def test_unknown_options_are_named(options, named):
    with pytest.raises(ConfigError, match=rf'stm_tiny_synthetic-box\.py.*{named}'):
        init_model(SHIPPED, cfg_options=options)


def test_a_part_of_a_config_is_refused():
    with pytest.raises(ConfigError, match='has no `model`'):
        init_model('_base_/default_runtime.py')


def test_the_checkpoint_of_another_model_is_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / 'linear.pth')
    with pytest.raises(CheckpointError, match=r'linear\.pth'):
        init_model(SHIPPED, tmp_path / 'linear.pth')


def test_inferencer_writes_masks_and_a_video(model, frames, tmp_path):
    out = VOSInferencer(model)(frames, PROMPTS, tmp_path / 'out')
    masks = sorted((out / 'masks').glob('*.png'))
    assert [p.stem for p in masks] == ['00000', '00001', '00002', '00003']
    assert np.array_equal(read_id_mask(masks[0]) == 7, GIVEN)
    video = cv2.VideoCapture(str(out / 'overlay.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 4
    assert video.read()[1].shape == (48, 64, 3)


def test_inferencer_takes_its_own_video_and_a_folder(model, frames, tmp_path):
    out = VOSInferencer(model)(frames, PROMPTS, tmp_path / 'out')
    shutil.copy(out / 'overlay.mp4', tmp_path / 'clip.mp4')
    again = VOSInferencer(model)(tmp_path / 'clip.mp4', PROMPTS, tmp_path / 'again')
    assert len(list((again / 'masks').glob('*.png'))) == 4
    third = VOSInferencer(model)(out / 'masks', PROMPTS, tmp_path / 'third')
    assert len(list((third / 'masks').glob('*.png'))) == 4


def test_a_missing_video_is_named(model, tmp_path):
    with pytest.raises(VideoError, match=r'nowhere\.mp4'):
        VOSInferencer(model)(tmp_path / 'nowhere.mp4', PROMPTS, tmp_path)


@pytest.mark.parametrize(
    'arguments, says',
    [
        (dict(device='nope'), "device: found 'nope', expected a device of this machine"),
        (dict(device=None), 'device: found None'),
        (dict(device=[1]), r'device: found \[1\]'),
        (dict(device='cuda:99'), "device: found 'cuda:99'"),
        (dict(cfg_options=5), 'cfg_options: found 5, expected a dict'),
        (dict(cfg_options=[]), r'cfg_options: found \[\], expected a dict'),
        (dict(cfg_options={5: 1}), r'cfg_options: found \{5: 1\}, expected a dict'),
        (dict(checkpoint=5), 'checkpoint: found 5, expected the path of a file of weights'),
        (dict(checkpoint=b'a.pth'), "checkpoint: found b'a.pth'"),
    ],
)
@pytest.mark.parametrize('config', [SHIPPED, 'config'])
def test_an_argument_of_another_kind_is_named(config, arguments, says):
    config = Config.fromfile(config_root() / SHIPPED) if config == 'config' else config
    with pytest.raises(ConfigError, match=says):
        init_model(config, **arguments)


@pytest.mark.parametrize('out_dir', [None, 5, b'out', 'a\0b', '\ud800'])
def test_the_folder_of_an_inferencer_is_a_path(model, frames, out_dir):
    with pytest.raises(OutputError, match='^out_dir: found .* expected the path of a folder'):
        VOSInferencer(model)(frames, {0: [ObjectPrompt(1, box=(0, 0, 9, 9))]}, out_dir)
