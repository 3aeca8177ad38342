"""A recipe's batch does not grow with the number of processes."""

import pytest
from tiny_run import write_config

from vosplug.config import load_config
from vosplug.engine import runner
from vosplug.engine.runner import share_batch
from vosplug.errors import ConfigError
from vosplug.paths import config_root

FULL_SIZE = sorted(
    path.relative_to(config_root())
    for pattern in ('*/stm_r50_*.py', '*/xmem_r50-r18_*.py', '*/box2seg_*_coco.py')
    for path in config_root().glob(pattern)
    if 'train_dataloader' in load_config(path)
)


def shared(monkeypatch, path, processes: int, **options) -> int:
    """Batch of each of so many processes."""
    cfg = load_config(path, options)
    cfg.launcher = 'none'
    monkeypatch.setattr(runner, 'get_world_size', lambda: processes)
    share_batch(cfg)
    return cfg.train_dataloader.batch_size


@pytest.fixture
def recipe(tmp_path):
    """A config of batch 6 in all."""
    return write_config(tmp_path / 'recipe.py', 'total_batch_size = 6\ntrain_dataloader["batch_size"] = 6')


@pytest.mark.parametrize(('processes', 'each'), [(1, 6), (2, 3), (6, 1)])
def test_the_total_is_divided(monkeypatch, recipe, processes, each):
    assert shared(monkeypatch, recipe, processes) == each


def test_a_number_of_processes_that_does_not_divide_it_is_refused(monkeypatch, recipe):
    with pytest.raises(
        ConfigError, match=r'recipe\.py: total_batch_size=6 cannot be divided among 4 processes'
    ):
        shared(monkeypatch, recipe, 4)


def test_another_batch_per_process_must_keep_the_total_or_change_it(monkeypatch, recipe):
    with pytest.raises(ConfigError, match=r'batch_size=2 on 1 processes is not total_batch_size=6'):
        shared(monkeypatch, recipe, 1, **{'train_dataloader.batch_size': 2})
    assert shared(monkeypatch, recipe, 3, **{'train_dataloader.batch_size': 2}) == 2
    assert shared(monkeypatch, recipe, 1, **{'train_dataloader.batch_size': 2, 'total_batch_size': 2}) == 2


def test_a_dataloader_without_a_batch_size_has_pytorchs(tmp_path, monkeypatch):
    path = write_config(tmp_path / 'recipe.py', 'total_batch_size = 6\ndel train_dataloader["batch_size"]')
    with pytest.raises(ConfigError, match=r'batch_size=1 on 2 processes is not total_batch_size=6'):
        shared(monkeypatch, path, 2)


def test_without_a_total_the_batch_is_that_of_each_process(monkeypatch, config):
    assert shared(monkeypatch, config, 2) == 2


@pytest.mark.parametrize('path', FULL_SIZE, ids=str)
def test_every_full_size_recipe_says_its_total(path):
    cfg = load_config(path)
    assert cfg.total_batch_size == cfg.train_dataloader.batch_size


def test_there_are_full_size_recipes():
    assert len(FULL_SIZE) > 25
