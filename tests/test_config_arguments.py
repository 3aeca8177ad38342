"""Arguments of another type than their hint are named before a constructor uses them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vosplug.checkpoint import load_weights
from vosplug.config import check_arguments, load_config
from vosplug.datasets import DAVIS2017Dataset, SyntheticVOS
from vosplug.engine.runner import build_runner
from vosplug.errors import CheckpointError, ConfigError


@pytest.mark.parametrize(
    ('arguments', 'named'),
    [
        (dict(size='wide'), "size: found 'wide', expected `list`"),
        (dict(size=(48, 'wide')), r"size\[1\]: found 'wide', expected `int`"),
        (dict(size=(48, 64, 3)), r'size: found \[48, 64, 3\], expected `list` of length 2'),
        (dict(size=64), 'size: found 64, expected `list`'),
        (dict(num_videos='many'), "num_videos: found 'many', expected `int`"),
        (dict(num_videos=2.5), 'num_videos: found 2.5, expected `int`'),
        (dict(num_videos=True), 'num_videos: found True, expected `int`'),
        (dict(num_objects=None), r'num_objects: found None, expected `list`'),
        (dict(seed='x'), "seed: found 'x'"),
        # of the base classes
        (dict(share='half'), "share: found 'half', expected `float`"),
        (dict(prompt_every='second'), "prompt_every: found 'second'"),
        (dict(supervision=3), 'supervision: found 3, expected `str`'),
        (dict(test_mode='yes'), "test_mode: found 'yes', expected `bool`"),
        (dict(clip_sampler=3), 'clip_sampler: found 3'),
        (dict(clip_sampler=dict(max_gap='far')), "clip_sampler.max_gap: found 'far', expected `int`"),
        (dict(clip_sampler=dict(num_frames='long')), "clip_sampler.num_frames: found 'long'"),
        (dict(clip_sampler=dict(reverse_prob=[])), r'clip_sampler.reverse_prob: found \[\]'),
        (dict(pipeline_options=[]), r'pipeline_options: found \[\]'),
    ],
)
def test_the_argument_is_named(arguments, named):
    with pytest.raises(ConfigError, match=f'^(SyntheticVOS.)?{named}'):
        SyntheticVOS(**arguments)


def test_positional_arguments_are_checked():
    with pytest.raises(ConfigError, match="SyntheticVOS.num_frames: found 'b'"):
        SyntheticVOS(3, 'b')
    with pytest.raises(ConfigError, match='DAVIS2017Dataset.data_root: found 5, expected `str`'):
        DAVIS2017Dataset(5)


def test_what_python_takes_for_a_number_a_path_or_a_list_is_one():
    dataset = SyntheticVOS(np.int64(2), size=np.array([48, 64]), share=1, indices=range(1), pipeline=(len,))
    assert len(dataset) == 1 and dataset[0]

    class Component:
        def __init__(self, folder: str, parts: list[float], build: torch.nn.Module, call=None) -> None: ...

    check_arguments(Component, dict(folder=Path('x'), parts=(1, 2.5), build=dict(type='A'), call=4))
    with pytest.raises(ConfigError, match=r'place.parts\[0\]: found None, expected `float`'):
        check_arguments(Component, dict(parts=[None]), 'place')


@pytest.mark.parametrize('path', [5, None, b'a', ['a'], True])
def test_weights_of_no_path_are_refused(path):
    with pytest.raises(CheckpointError, match='checkpoint: found .*, expected the path'):
        load_weights(torch.nn.Linear(1, 1), path)


TINY = 'stm/stm_tiny_synthetic-box.py'


@pytest.mark.parametrize(
    ('key', 'value', 'named'),
    [
        ('optim_wrapper.optimizer.lr', 'much', "optim_wrapper.optimizer.lr: found 'much', expected `float`"),
        ('optim_wrapper.optimizer.lr', -1, 'optim_wrapper.optimizer.lr: found -1, expected `float` >= 0'),
        ('optim_wrapper.optimizer.weight_decay', [], r'optim_wrapper.optimizer.weight_decay: found \[\]'),
        ('optim_wrapper.optimizer.betas', [0.9], r'optim_wrapper.optimizer.betas: found \[0.9\]'),
        ('optim_wrapper.accumulative_counts', 0, 'optim_wrapper.accumulative_counts: found 0'),
        ('optim_wrapper.clip_grad', 3, 'optim_wrapper.clip_grad: found 3'),
    ],
)
def test_numbers_of_the_optimizer_are_named(key, value, named):
    with pytest.raises(ConfigError, match=rf'stm_tiny_synthetic-box\.py: {named}'):
        load_config(TINY, {key: value})


@pytest.mark.parametrize(
    ('key', 'value', 'named'),
    [
        ('optim_wrapper.optimizer.eps', 'small', 'optim_wrapper.optimizer: '),
        (
            'train_dataloader.dataset.size',
            'wide',
            "train_dataloader.dataset: Synth.*size: found 'wide'",
        ),
        ('model.decode_head.channels', 'many', 'model.decode_head: '),
        ('default_hooks.checkpoint.interval', 'often', 'default_hooks.checkpoint: '),
    ],
)
def test_the_component_that_cannot_be_built_is_named_by_its_key(tmp_path, key, value, named):
    from vosplug.config import config_errors

    cfg = load_config(TINY, {key: value})
    cfg.work_dir = str(tmp_path)
    with pytest.raises(ConfigError, match=rf'stm_tiny_synthetic-box\.py: {named}'):
        runner = build_runner(cfg)
        with config_errors(cfg):
            runner.train()
