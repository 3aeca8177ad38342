"""A ramp over iterations, through a real Runner and resuming."""

import json
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest
from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from tiny_run import write_config
from torch import nn

from vosplug.config import load_config
from vosplug.engine.hooks import LossRampHook
from vosplug.engine.runner import build_runner, prepare
from vosplug.errors import ConfigError

# XMem's share of kept pixels (goldens/xmem_losses.json)
XMEM_SHARE = {0: 1.0, 19999: 1.0, 20000: 1.0, 45000: 0.575, 70000: 0.15, 70001: 0.15, 100000: 0.15}


class Probe(nn.Module):
    """Two losses, one of them deep in a wrapper as in DistributedDataParallel."""

    def __init__(self) -> None:
        super().__init__()
        self.module = nn.ModuleList([self.loss('loss_a'), nn.Sequential(self.loss('loss_b'))])

    @staticmethod
    def loss(name: str) -> nn.Module:
        module = nn.Identity()
        module.loss_name, module.loss_weight, module.top_p = name, 1.0, 0.5
        return module


def at(iteration: int, model: nn.Module) -> SimpleNamespace:
    return SimpleNamespace(model=model, iter=iteration, message_hub=MessageHub.get_instance('ramp'))


def test_the_share_of_kept_pixels_equals_xmem():
    hook = LossRampHook('loss_ce', 'top_p', start=1.0, end=0.15, begin=20000, until=70000)
    assert {i: hook.value(i) for i in XMEM_SHARE} == pytest.approx(XMEM_SHARE, abs=1e-12)
    assert hook.value(20000) == 1.0 and hook.value(70000) == 0.15  # exactly


def test_defaults_are_the_warm_up_of_the_box_losses():
    hook = LossRampHook('loss_pairwise')
    assert [hook.value(i) for i in (0, 1, 5000, 10000, 10**6)] == [0, 1e-4, 0.5, 1, 1]


def test_only_the_named_loss_changes_also_behind_a_wrapper():
    model, hook = Probe(), LossRampHook('loss_b', start=0.0, end=4.0, until=8)
    hook.before_train(at(0, model))
    hook.before_train_iter(at(2, model), 0)
    assert model.module[1][0].loss_weight == 1.0 and model.module[0].loss_weight == 1.0
    hook.before_train_iter(at(6, model), 0)
    assert model.module[1][0].loss_weight == 3.0 and model.module[0].loss_weight == 1.0


@pytest.mark.parametrize(
    ('options', 'said'),
    [
        (dict(loss='loss_c'), r"no loss 'loss_c', it has \['loss_a', 'loss_b'\]"),
        (dict(loss='loss_a', attribute='tau'), r"numeric attribute 'tau', it has \['loss_weight', 'top_p'\]"),
        (dict(loss='loss_a', attribute='training'), "numeric attribute 'training'"),
    ],
)
def test_what_is_not_there_is_named_before_training(options, said):
    with pytest.raises(ConfigError, match=said):
        LossRampHook(**options).before_train(at(0, Probe()))


def test_a_ramp_needs_a_length():
    with pytest.raises(ConfigError, match='until: found 5, expected more than begin=5'):
        LossRampHook('loss_a', begin=5, until=5)


class Weights(Hook):
    """The weight of the projection loss in each iteration."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        self.seen[runner.iter] = runner.model.decode_head.loss_box[0].loss_weight


RAMP = "custom_hooks = [dict(type='LossRampHook', loss='loss_projection', start=1.0, end=3.0, until=4)]"


def train(path: Path, work_dir: Path, **options) -> dict[int, float]:
    cfg = load_config(path, {'val_cfg': None, 'val_dataloader': None, 'val_evaluator': None, **options})
    runner = build_runner(prepare(cfg, Namespace(launcher='none', work_dir=str(work_dir))))
    weights = Weights()
    runner.register_hook(weights)
    runner.train()
    return weights.seen


def test_a_run_and_its_resumption_follow_one_ramp_and_log_it(tmp_path):
    config = write_config(tmp_path / 'ramp.py', RAMP)
    assert train(config, tmp_path / 'run', **{'train_cfg.max_iters': 2}) == {0: 1.0, 1: 1.5}
    assert train(config, tmp_path / 'run', resume=True) == {2: 2.0, 3: 2.5}
    lines = [line for file in sorted((tmp_path / 'run').rglob('scalars.json')) for line in file.open()]
    logged = {entry['step']: entry['projection.weight'] for entry in map(json.loads, lines) if 'lr' in entry}
    assert logged == {1: 1.0, 2: 1.5, 3: 2.0, 4: 2.5}


def test_a_misspelt_loss_stops_a_run_before_its_first_iteration(tmp_path):
    config = write_config(tmp_path / 'ramp.py', RAMP.replace('projection', 'projecton'))
    with pytest.raises(ConfigError, match="no loss 'loss_projecton', it has .*'loss_projection'"):
        train(config, tmp_path / 'run')
    assert not list((tmp_path / 'run').rglob('scalars.json'))
