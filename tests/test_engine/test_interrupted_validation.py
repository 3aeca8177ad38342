"""A validation that was interrupted is repeated by the resumed run, which ends like one that ran through."""

import os
import signal
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from tiny_run import write_config

from vosplug.checkpoint import read_checkpoint
from vosplug.config import load_config
from vosplug.engine.runner import build_runner, prepare, resume_latest
from vosplug.engine.stop_signals import TrainingStopped
from vosplug.registry import METRICS

# iterations 2, 4 and 6 have scores of 5, 9 and 7
VALIDATED = """
custom_hooks = [dict(type='EMAHook', momentum=0.3)]
val_evaluator = dict(type='Scripted', scores={2: 5.0, 4: 9.0, 6: 7.0})
train_cfg = dict(type='VideoTrainLoop', max_iters=6, val_interval=2)
default_hooks['checkpoint'].update(interval=1, save_best='score', rule='greater')
"""


@METRICS.register_module(force=True)
class Scripted(BaseMetric):
    """Its number depends on the iteration only."""

    default_prefix = None
    iteration = 0
    validated: list[int] = []

    def __init__(self, scores: dict) -> None:
        super().__init__()
        self.scores = scores

    def process(self, data_batch, data_samples):
        self.results.append(1)

    def compute_metrics(self, results):
        Scripted.validated.append(Scripted.iteration)
        return dict(score=self.scores[Scripted.iteration])


class Interrupted(Exception):
    pass


class InValidation(Hook):
    """Calls a function in the third frame of the second video of a validation."""

    def __init__(self, iteration: int, action) -> None:
        self.iteration, self.action, self.frames = iteration, action, 0

    def before_val_epoch(self, runner) -> None:
        Scripted.iteration, self.frames = runner.iter, 0

    def after_frame(self, runner, video, result) -> None:
        self.frames += 1
        if runner.iter == self.iteration and self.frames == 8:
            self.action()


def die() -> None:
    raise Interrupted


def ask_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def train(folder: Path, iteration: int = -1, action=None, **options: object) -> InValidation:
    config = write_config(folder / 'tiny.py', VALIDATED)
    cfg = prepare(load_config(config, options), Namespace(launcher='none', work_dir=str(folder / 'run')))
    resume_latest(cfg)
    runner = build_runner(cfg)
    hook = InValidation(iteration, action)
    runner.register_hook(hook)
    runner.train()
    return hook


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """Of the last and the best checkpoint, averages too."""
    best = [path.name for path in (folder / 'run').glob('best_*')]
    assert best == ['best_score_iter_4.pth']
    states = {name: read_checkpoint(folder / 'run' / name) for name in ('iter_6.pth', best[0])}
    return {
        f'{name}.{part}.{key}': value
        for name, checkpoint in states.items()
        for part in ('state_dict', 'ema_state_dict')
        for key, value in checkpoint[part].items()
    }


def assert_same(folder: Path, whole: dict[str, torch.Tensor]) -> None:
    found = weights(folder)
    assert found.keys() == whole.keys()
    assert [key for key in whole if not torch.equal(found[key], whole[key])] == []


@pytest.fixture(scope='module')
def whole(tmp_path_factory) -> dict[str, torch.Tensor]:
    folder = tmp_path_factory.mktemp('whole')
    train(folder)
    return weights(folder)


@pytest.mark.parametrize('iteration', [2, 4, 6])
@pytest.mark.parametrize(('action', 'error'), [(die, Interrupted), (ask_to_stop, TrainingStopped)])
def test_an_interrupted_validation_is_repeated(tmp_path, whole, iteration, action, error):
    with pytest.raises(error):
        train(tmp_path, iteration, action)
    Scripted.validated.clear()
    train(tmp_path)
    assert Scripted.validated == list(range(iteration, 7, 2)), 'no validation is left out'
    assert_same(tmp_path, whole)


@pytest.mark.parametrize('accumulated', [1, 4])
def test_a_signal_ends_a_validation_in_the_current_frame_and_saves(tmp_path, accumulated):
    options = {'default_hooks.checkpoint.interval': 4, 'optim_wrapper.accumulative_counts': accumulated}
    with pytest.raises(TrainingStopped, match='resum') as stopped:
        train(tmp_path, 2, ask_to_stop, **options)
    assert stopped.value.exit_code == 143
    saved = [path.name for path in (tmp_path / 'run').glob('iter_*')]
    # gradients that are being accumulated are not in a checkpoint
    assert saved == (['iter_2.pth'] if accumulated == 1 else [])


def test_the_state_saved_in_a_validation_is_the_trained_one(tmp_path, whole):
    with pytest.raises(TrainingStopped):
        train(tmp_path, 4, ask_to_stop, **{'default_hooks.checkpoint.interval': 100})
    assert [path.name for path in (tmp_path / 'run').glob('iter_*')] == ['iter_4.pth']
    train(tmp_path)
    assert_same(tmp_path, whole)


def test_a_validation_that_is_interrupted_twice_is_repeated_again(tmp_path, whole):
    for _ in range(2):
        with pytest.raises(TrainingStopped):
            train(tmp_path, 4, ask_to_stop)
    train(tmp_path)
    assert_same(tmp_path, whole)


def test_no_validation_is_due_where_the_schedule_has_none(tmp_path):
    options = {'train_cfg.val_begin': 4, 'train_cfg.max_iters': 4}
    train(tmp_path, **options)
    Scripted.validated.clear()
    (tmp_path / 'run' / 'last_checkpoint').write_text('iter_2.pth\n')
    train(tmp_path, **options)
    assert Scripted.validated == [4]
