"""Training clips start from what the model's initializer makes of boxes."""

import pytest
from tiny_run import CONFIG, write_config

from vosplug.config import load_config
from vosplug.datasets.mixture import leaf_datasets
from vosplug.datasets.transforms import StartMasks
from vosplug.engine.runner import build_runner
from vosplug.errors import ConfigError
from vosplug.models import GrabCutInitializer

GRABCUT = "model['initializer'] = dict(type='GrabCutInitializer', iterations=2, refine=True)\n"
WITH_START = "train_dataloader['dataset']['pipeline'].insert(-1, dict(type='StartMasks'))\n"


def starts_of(tmp_path, extra: str) -> list:
    """What the ``StartMasks`` of the training's datasets ask."""
    cfg = load_config(write_config(tmp_path / 'config.py', extra))
    cfg.work_dir = str(tmp_path)
    runner = build_runner(cfg)
    leaves = leaf_datasets(runner.build_dataloader(runner._train_dataloader).dataset)
    steps = (step for leaf in leaves for step in leaf.pipeline.transforms)
    return [step.box_to_mask for step in steps if isinstance(step, StartMasks)]


def start_of(tmp_path, extra: str):
    """What the training's only ``StartMasks`` asks."""
    (start,) = starts_of(tmp_path, extra)
    return start


def test_the_pipeline_asks_the_initializer_of_the_model(tmp_path):
    found = start_of(tmp_path, GRABCUT + WITH_START)
    assert isinstance(found, GrabCutInitializer) and found.iterations == 2
    assert not found.refine  # the model refines what the pipeline made


def test_what_the_config_says_of_the_pipeline_stays(tmp_path):
    said = "dict(StartMasks=dict(box_to_mask=dict(type='FilledBoxInitializer')))"
    said = f"train_dataloader['dataset']['pipeline_options'] = {said}\n"
    found = start_of(tmp_path, GRABCUT + WITH_START + said)
    assert type(found).__name__ == 'FilledBoxInitializer'


@pytest.mark.parametrize(
    'wrapped',
    [
        "dict(type='RepeatDataset', times=2, dataset=data)",
        "dict(type='ConcatDataset', datasets=[data, data])",
        "dict(type='RepeatDataset', times=2, dataset=dict(type='MixtureDataset', datasets=dict(a=data)))",
        # options of its own
        "dict(type='MixtureDataset', pipeline_options=dict(ClipRandomFlip=dict(prob=1)), datasets=dict("
        'a=data, b=dict(data, pipeline_options=dict(ClipRandomFlip=dict(prob=0)))))',
    ],
)
def test_datasets_inside_others_ask_it_too(wrapped, tmp_path):
    data = f"data = train_dataloader['dataset']\ntrain_dataloader['dataset'] = {wrapped}\ndel data\n"
    found = starts_of(tmp_path, GRABCUT + WITH_START + data)
    assert found and all(isinstance(model, GrabCutInitializer) for model in found)


def test_names_may_have_their_scope(tmp_path):
    with_start = WITH_START.replace("'StartMasks'", "'vosplug.StartMasks'")
    assert isinstance(start_of(tmp_path, GRABCUT + with_start), GrabCutInitializer)
    filled = "model['initializer'] = dict(type='vosplug.FilledBoxInitializer')\n"
    assert starts_of(tmp_path, filled) == []  # as test_filled_boxes_need_no_transform


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
