"""Backends of the visualizer, chosen in the config or on the command line."""

import argparse
from argparse import Namespace

import pytest
from mmengine.config import DictAction
from mmengine.visualization import TensorboardVisBackend

from vosplug.config import load_config
from vosplug.engine.runner import build_runner, prepare
from vosplug.errors import ConfigError
from vosplug.visualization import VOSVisualizer, visualizer


def from_command_line(*words: str) -> dict:
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args(['--cfg-options', *words]).cfg_options


def test_tensorboard_is_written_beside_the_local_log(tmp_path):
    pytest.importorskip('tensorboard')
    options = from_command_line(
        'visualizer.vis_backends=LocalVisBackend,TensorboardVisBackend', f'visualizer.name={tmp_path}'
    )
    cfg = load_config('stm/stm_tiny_synthetic-box.py', options)
    runner = build_runner(prepare(cfg, Namespace(launcher='none', work_dir=str(tmp_path / 'run'))))
    runner.visualizer.add_scalar('loss', 0.5, step=3)
    runner.visualizer.close()
    assert list((tmp_path / 'run').glob('*/vis_data/events.out.tfevents.*'))
    (scalars,) = (tmp_path / 'run').glob('*/vis_data/scalars.json')
    assert '"loss": 0.5' in scalars.read_text()


@pytest.mark.parametrize('given', ['TensorboardVisBackend', [dict(type='TensorboardVisBackend')]])
def test_one_backend_by_name_or_config(given, tmp_path):
    pytest.importorskip('tensorboard')
    built = VOSVisualizer(str(tmp_path), vis_backends=given, save_dir=str(tmp_path))
    (backend,) = built._vis_backends.values()
    assert isinstance(backend, TensorboardVisBackend)


def test_a_backend_without_its_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(visualizer, 'find_spec', lambda package: None)
    with pytest.raises(ConfigError, match=r'WandbVisBackend needs the package wandb.*pip install wandb'):
        VOSVisualizer(str(tmp_path), vis_backends=['LocalVisBackend', dict(type='WandbVisBackend')])
