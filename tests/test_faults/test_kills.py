"""SIGKILL at random moments loses nothing: what is resumed ends like what was not killed.

``VOSPLUG_KILLS`` is the number of kills of training, of labelling and of testing.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from kills import killed, moments, run
from small_box2seg import write_boxed_videos
from small_data import make_masks
from tiny_run import TOOLS, write_config

from vosplug.checkpoint import read_checkpoint

KILLS = int(os.environ.get('VOSPLUG_KILLS', '1'))

TRAINING = """
train_dataloader.update(num_workers=1, persistent_workers=True)
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
    for moment in moments(100 * KILLS):
        if count == KILLS and finished:
            return
        began = time.monotonic()
        if count < KILLS and killed(command, folder.parent, moment * seconds):
            count += 1
            continue
        if count == KILLS:
            run(command, folder.parent)
        seconds = time.monotonic() - began  # the machine may be more or less busy than before
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


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob('*') if p.is_file()}


def test_labelling(tmp_path):
    write_boxed_videos(tmp_path, {f'{k:02d}': make_masks(6) for k in range(30)})
    (tmp_path / 'filled.py').write_text("model = dict(type='FilledBoxInitializer')\n")
    command = [
        *(sys.executable, TOOLS / 'pseudo_label.py', tmp_path / 'filled.py'),
        *('--videos', tmp_path / 'videos', '--boxes', tmp_path / 'boxes.csv', '--out', tmp_path / 'labels'),
    ]
    check_kills(command, tmp_path / 'labels', lambda: files(tmp_path / 'labels'))


def test_testing(tmp_path):
    many = "test_dataloader['dataset'].update(num_videos=20)"
    config = write_config(tmp_path / 'tiny.py', many)
    work = tmp_path / 'work'
    scores = work / 'scores.json'
    command = [
        *(sys.executable, TOOLS / 'test.py', config, '--untrained', '--resume', '--work-dir', work),
        *('--out', work / 'masks', '--cfg-options', f'test_evaluator.out_file={scores}'),
    ]
    check_kills(command, work, lambda: (json.loads(scores.read_text()), files(work / 'masks')))
