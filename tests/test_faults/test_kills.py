"""SIGKILL at random moments of training loses nothing: what is resumed ends like what was not killed."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from kills import killed, moments, run
from tiny_run import TOOLS, write_config

from vosplug.checkpoint import read_checkpoint

KILLS = int(os.environ.get('VOSPLUG_KILLS', '1'))

TRAINING = """
train_dataloader['num_workers'] = 1
custom_hooks = [dict(type='EMAHook', momentum=0.1)]
default_hooks['checkpoint'].update(interval=1, max_keep_ckpts=2)
val_cfg = val_dataloader = val_evaluator = None
train_cfg = dict(type='VideoTrainLoop', max_iters=30, val_interval=99)
"""


def check_kills(command: list[object], folder: Path, result: Callable[[], object]) -> None:
    """Kill runs of a command ``KILLS`` times; every run that ends has the result of an undisturbed one."""
    seconds = run(command, folder.parent)
    expected = result()
    shutil.rmtree(folder)
    count, finished = 0, 0
    for moment in moments(100 * KILLS, seconds):
        if count == KILLS and finished:
            return
        if count < KILLS and killed(command, folder.parent, moment):
            count += 1
            continue
        if count == KILLS:
            run(command, folder.parent)
        assert result() == expected, f'after {count} kills'
        finished += 1
        shutil.rmtree(folder)


def test_training(tmp_path):
    config = write_config(tmp_path / 'tiny.py', TRAINING)
    command = [sys.executable, TOOLS / 'train.py', config, '--work-dir', tmp_path / 'run', '--resume']

    def weights() -> dict[str, bytes]:
        checkpoint = read_checkpoint(tmp_path / 'run' / 'iter_30.pth')
        states = {key: checkpoint[key] for key in ('state_dict', 'ema_state_dict')}
        return {
            f'{name}.{key}': value.numpy().tobytes()
            for name, state in states.items()
            for key, value in state.items()
            if isinstance(value, torch.Tensor)
        }

    check_kills(command, tmp_path / 'run', weights)
