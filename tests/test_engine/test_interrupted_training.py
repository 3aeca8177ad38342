"""An interrupted training ends like one that ran through, whatever interrupted it."""

import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from tiny_run import TOOLS, write_config

from vosplug.checkpoint import read_checkpoint
from vosplug.config import load_config
from vosplug.engine.runner import build_runner, prepare, resume_latest

# what draws at random, or has a state of its own: a transform of another package, the model, a schedule of
# clips, averaged weights, accumulated gradients
EVERYTHING = """
train_dataloader['dataset']['pipeline'].insert(
    1, dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]))
train_dataloader['dataset']['clip_sampler'] = dict(num_frames=2, max_gap=1)
optim_wrapper['accumulative_counts'] = 2
optim_wrapper['clip_grad'] = dict(max_norm=1.0)
param_scheduler.append(dict(type='CosineAnnealingLR', by_epoch=False, begin=2, end=12))
custom_hooks = [
    dict(type='EMAHook', momentum=0.1, begin_iter=3),
    dict(type='ClipGapHook', gaps=[(0, 1), (0.5, 4)]),
]
val_cfg = val_dataloader = val_evaluator = None
train_cfg = dict(type='VideoTrainLoop', max_iters=12, val_interval=99)
"""


class Interrupted(Exception):
    pass


class Interrupt(Hook):
    """Raises at the end of an iteration."""

    priority = 'LOWEST'

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        if runner.iter == self.iteration:
            raise Interrupted


def train(config: Path, work_dir: Path, interrupt: int = -1, **options: object) -> None:
    """Train in this process, resuming if there are checkpoints."""
    cfg = prepare(load_config(config, options), Namespace(launcher='none', work_dir=str(work_dir)))
    resume_latest(cfg)
    runner = build_runner(cfg)
    runner.register_hook(Interrupt(interrupt))
    runner.train()


def saved(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor and number of a checkpoint that later iterations depend on, by its place."""
    checkpoint = read_checkpoint(path)
    parts = {
        key: checkpoint[key] for key in ('state_dict', 'ema_state_dict', 'optimizer', 'param_schedulers')
    }
    found = {}

    def walk(place: str, value: object) -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                walk(f'{place}.{key}', part)
        elif isinstance(value, (list, tuple)):
            for k, part in enumerate(value):
                walk(f'{place}.{k}', part)
        else:
            found[place] = value

    walk('', parts)
    return found


def assert_equal(first: Path, second: Path) -> None:
    one, two = saved(first), saved(second)
    assert one.keys() == two.keys()
    for place, value in one.items():
        same = torch.equal(value, two[place]) if isinstance(value, torch.Tensor) else value == two[place]
        assert same, place


@pytest.fixture(scope='module')
def whole(tmp_path_factory) -> Path:
    """Last checkpoint of a training without interruption, with one data worker."""
    folder = tmp_path_factory.mktemp('whole')
    train(write_config(folder / 'tiny.py', EVERYTHING), folder / 'run', **{'train_dataloader.num_workers': 1})
    return folder / 'run' / 'iter_12.pth'


# two: before the average of weights begins; eight: after the gap has changed
@pytest.mark.parametrize(('stop', 'workers'), [(2, 0), (8, 2)])
def test_resumed_training_ends_bit_by_bit_like_an_uninterrupted_one(tmp_path, whole, stop, workers):
    config = write_config(tmp_path / 'tiny.py', EVERYTHING)

    options = {'train_dataloader.num_workers': workers, 'default_hooks.checkpoint.interval': 2}
    with pytest.raises(Interrupted):
        train(config, tmp_path / 'run', interrupt=stop, **options)  # the iteration after a checkpoint is lost
    assert not (tmp_path / 'run' / 'iter_12.pth').exists()
    train(config, tmp_path / 'run', **options)
    assert_equal(tmp_path / 'run' / 'iter_12.pth', whole)


def test_a_curriculum_reaches_running_workers(tmp_path):
    # the second stage's clips are for iterations from 4 on
    stages = '[{}, dict(clips=dict(num_frames=4))]'
    hook = f"dict(type='CurriculumHook', stages={stages}, window=1, tolerance=1, delay=2)"
    extra = f"{EVERYTHING}custom_hooks.append({hook})\ntrain_cfg['max_iters'] = 6\n"
    for workers in (0, 1):
        config = write_config(tmp_path / f'{workers}.py', extra)
        train(config, tmp_path / f'{workers}', **{'train_dataloader.num_workers': workers})
    assert_equal(tmp_path / '0' / 'iter_6.pth', tmp_path / '1' / 'iter_6.pth')


@pytest.mark.parametrize(('number', 'code'), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_save_and_end_with_their_own_codes(tmp_path, whole, number, code):
    config = write_config(tmp_path / 'tiny.py', EVERYTHING)
    command = [sys.executable, TOOLS / 'train.py', config, '--work-dir', tmp_path / 'run', '--resume']
    workers = ['train_dataloader.num_workers=1', 'train_dataloader.persistent_workers=True']
    options = ['--cfg-options', *workers, 'default_hooks.checkpoint.interval=100']
    started = dict(stdout=subprocess.PIPE, text=True, start_new_session=True)
    with subprocess.Popen([*command, *options], **started) as process:
        for line in process.stdout:
            if 'Iter(train) [ 3/12]' in line:
                os.killpg(process.pid, number)  # data workers, too, and twice, as launchers do
                time.sleep(0.02)
                os.killpg(process.pid, number)
                break
        rest = process.stdout.read()
    assert process.returncode == code, rest
    (left,) = (tmp_path / 'run').glob('iter_*.pth')
    assert 4 <= read_checkpoint(left)['meta']['iter'] < 12 and read_checkpoint(left)['meta']['iter'] % 2 == 0
    assert (tmp_path / 'run' / 'last_checkpoint').read_text() == f'{left.name}\n'
    train(config, tmp_path / 'run')
    assert_equal(tmp_path / 'run' / 'iter_12.pth', whole)
