"""The example project as its README uses it."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

PROJECT = Path(__file__).parents[1] / 'projects' / 'example_project'


@pytest.fixture
def project(monkeypatch):
    """The project on the path, as PYTHONPATH would put it."""
    monkeypatch.syspath_prepend(str(PROJECT))


def test_loss_is_bounded_ignores_void_and_nears_cross_entropy(project):
    from example_project import GeneralisedCrossEntropyLoss

    pred = torch.randn(2, 3, 8, 8)
    target = torch.randint(0, 3, (2, 8, 8))
    reference = torch.nn.functional.cross_entropy(pred, target)
    assert torch.isclose(GeneralisedCrossEntropyLoss(q=1e-4)(pred, target), reference, rtol=1e-2)
    hopeless = torch.zeros(1, 2, 1, 1)
    hopeless[:, 0] = 1e4
    label = torch.ones(1, 1, 1, dtype=torch.long)
    assert GeneralisedCrossEntropyLoss(q=0.5)(hopeless, label) <= 2
    assert GeneralisedCrossEntropyLoss()(pred, torch.full_like(target, 255)) == 0


def test_mmsegmentation_model_trains_with_a_loss_of_vosplug():
    from mmengine.structures import PixelData
    from mmseg.structures import SegDataSample

    config = Config.fromfile(PROJECT / 'configs' / 'mmseg_fcn.py')
    with DefaultScope.overwrite_default_scope('mmseg'):
        model = MODELS.build(config.model)
        sample = SegDataSample(gt_sem_seg=PixelData(data=torch.randint(0, 21, (1, 64, 64))))
        losses = model(torch.randn(2, 3, 64, 64), [sample, sample], mode='loss')
    losses['decode.loss_ph_ce'].backward()
    assert model.backbone.conv1.weight.grad.abs().sum() > 0


@pytest.mark.slow
def test_training_runs_with_the_command_of_the_readme(tmp_path):
    options = ['train_cfg.max_iters=2', 'train_cfg.val_interval=2', 'train_dataloader.num_workers=0']
    done = subprocess.run(
        [sys.executable, 'tools/train.py', PROJECT / 'configs/stm_plain_squares.py', '--work-dir', tmp_path]
        + ['--cfg-options', *options, 'train_dataloader.persistent_workers=False'],
        cwd=PROJECT.parents[1],
        env={'PYTHONPATH': f'{PROJECT}:{PROJECT.parents[1]}', 'PATH': ''},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert 'J&F-Mean' in done.stdout
