"""Checkpoints that stand for trainings that come before."""

from pathlib import Path

import torch

from vosplug.config import load_config
from vosplug.registry import MODELS


def make_checkpoint(model: dict, path: Path) -> None:
    """Write what the initializer of a model's config is trained to be, if it needs one, and name it there."""
    initializer = model.get('initializer') or {}
    if not initializer.get('checkpoint'):
        return
    trained = load_config(initializer['config'])
    last = f'iter_{trained.train_cfg.max_iters}.pth'
    assert initializer['checkpoint'] == f'work_dirs/{Path(initializer["config"]).stem}/{last}'
    torch.save(MODELS.build(trained.model).state_dict(), path)
    initializer['checkpoint'] = str(path)
