"""Training clips start from what the model's initializer makes of boxes."""

import pytest
from tiny_run import CONFIG, write_config

from vosplug.config import load_config
from vosplug.datasets.transforms import StartMasks
from vosplug.engine.runner import build_runner
from vosplug.errors import ConfigError
from vosplug.models import GrabCutInitializer

GRABCUT = "model['initializer'] = dict(type='GrabCutInitializer', iterations=2, refine=True)\n"
WITH_START = "train_dataloader['dataset']['pipeline'].insert(-1, dict(type='StartMasks'))\n"


def start_of(tmp_path, extra: str):
    """What the training's ``StartMasks`` asks."""
    cfg = load_config(write_config(tmp_path / 'config.py', extra))
    cfg.work_dir = str(tmp_path)
    runner = build_runner(cfg)
    dataset = runner.build_dataloader(runner._train_dataloader).dataset
    (start,) = (step for step in dataset.pipeline.transforms if isinstance(step, StartMasks))
    return start.box_to_mask


def test_the_pipeline_asks_the_initializer_of_the_model(tmp_path):
    found = start_of(tmp_path, GRABCUT + WITH_START)
    assert isinstance(found, GrabCutInitializer) and found.iterations == 2
    assert not found.refine  # the model refines what the pipeline made


def test_what_the_config_says_of_the_pipeline_stays(tmp_path):
    said = "dict(StartMasks=dict(box_to_mask=dict(type='FilledBoxInitializer')))"
    said = f"train_dataloader['dataset']['pipeline_options'] = {said}\n"
    found = start_of(tmp_path, GRABCUT + WITH_START + said)
    assert type(found).__name__ == 'FilledBoxInitializer'


def test_a_pipeline_that_cannot_ask_it_is_refused(tmp_path):
    assert 'StartMasks' not in CONFIG
    with pytest.raises(ConfigError, match=r"pipeline_options: found \['StartMasks'\]"):
        start_of(tmp_path, GRABCUT)


def test_filled_boxes_need_no_transform(tmp_path):
    start_of(tmp_path, WITH_START)
    cfg = load_config(write_config(tmp_path / 'config.py'))
    cfg.work_dir = str(tmp_path)
    runner = build_runner(cfg)
    runner.build_dataloader(runner._train_dataloader)
