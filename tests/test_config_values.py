"""Wrong values and keys of a config are named with file and key, before anything runs."""

import re
import threading

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import VISUALIZERS

from vosplug.apis import init_model
from vosplug.config import check_test_options, config_errors, load_config
from vosplug.errors import ConfigError

CONFIG = 'stm/stm_tiny_synthetic-box.py'
MODEL = "model = dict(type='MaskTrack')\n"


@pytest.fixture
def written(tmp_path):
    """Load a config of some text."""

    def load(text: str, options: dict | None = None) -> Config:
        (tmp_path / 'mine.py').write_text(text)
        return load_config(tmp_path / 'mine.py', options)

    return load


@pytest.mark.parametrize(
    ('text', 'named'),
    [
        ('model = None', 'model: found None, expected `dict`'),
        ('model = []', r'model: found \[\], expected `dict`'),
        ('model = 3', 'model: found 3'),
        ('model = dict(type=5)', 'model.type: found 5, expected the name'),
        ("model = dict(type='')", "model.type: found ''"),
        ("model = dict(type='STM', backbone=dict(type=None))", 'model.backbone.type: found None'),
        ('custom_hooks = [dict(type=7)]', r'custom_hooks\[0\].type: found 7'),
        ('custom_hooks = [3]', r'custom_hooks\[0\]: found 3, expected `dict`'),
        (
            'train_dataloader = dict(num_workers=-1)',
            'train_dataloader.num_workers: found -1, expected `int` >= 0',
        ),
        (
            'train_dataloader = dict(batch_size=0)',
            'train_dataloader.batch_size: found 0, expected `int` >= 1',
        ),
        ('train_dataloader = dict(batch_size=-2)', 'train_dataloader.batch_size: found -2'),
        ("train_dataloader = dict(batch_size='2')", "train_dataloader.batch_size: found '2'"),
        ('test_dataloader = dict(batch_size=1.5)', 'test_dataloader.batch_size: found 1.5'),
        ('val_dataloader = 1', 'val_dataloader: found 1, expected `dict | None`'),
        ('val_dataloader = dict(dataset=[])', r'val_dataloader.dataset: found \[\], expected `dict`'),
        ('total_batch_size = -4', 'total_batch_size: found -4'),
        ('train_cfg = dict(max_iters=0)', 'train_cfg.max_iters: found 0'),
        ("train_cfg = dict(max_epochs='ten')", "train_cfg.max_epochs: found 'ten'"),
        ('test_cfg = 3', 'test_cfg: found 3'),
        ("randomness = dict(seed='a')", "randomness.seed: found 'a'"),
        ('work_dir = 3', 'work_dir: found 3'),
        ('load_from = dict()', 'load_from: found {}'),
        ("resume = 'yes'", "resume: found 'yes', expected `bool`"),
        ('default_hooks = [1]', r'default_hooks: found \[1\]'),
        ('param_scheduler = 1', 'param_scheduler: found 1'),
        ("optim_wrapper = 'Adam'", "optim_wrapper: found 'Adam'"),
        ('default_scope = 1', 'default_scope: found 1'),
    ],
)
def test_a_value_of_another_type_is_named(written, text, named):
    with pytest.raises(ConfigError, match=rf'^\S*mine\.py: {named.replace("|", re.escape("|"))}'):
        written(text)


@pytest.mark.parametrize(
    'key', ['Model', 'models', 'trainDataloader', 'TRAIN_CFG', 'default_hook', 'loadfrom']
)
def test_a_key_that_looks_like_one_of_the_runner_is_refused(written, key):
    with pytest.raises(ConfigError, match=rf'mine\.py: unknown key {key!r}. Did you mean'):
        written(f'{key} = dict(type="STM")')


@pytest.mark.parametrize('key', ['optimizer', 'lr_config', 'data', 'runner', 'evaluation'])
def test_keys_of_older_configs_are_refused_where_they_have_no_effect(written, key):
    with pytest.raises(ConfigError, match=rf'mine\.py: {key!r} is a key of older OpenMMLab configs.*; use'):
        written(f'{key} = dict(type="Adam", lr=0.25)')


def test_the_same_names_may_be_variables(written):
    used = "optimizer = dict(type='Adam')\noptim_wrapper = dict(optimizer=optimizer)"
    assert written(used).optim_wrapper.optimizer.type == 'Adam'
    dumped = "Data = dict(type='Adam')\noptim_wrapper = dict(optimizer=dict(type='Adam'))"
    assert written(dumped).optim_wrapper.optimizer.type == 'Adam'


def test_keys_without_effect_are_logged_and_variables_are_not(written, monkeypatch):
    logged = []
    monkeypatch.setattr('vosplug.config.load.print_log', lambda message, *_: logged.append(message))
    written(f'{MODEL}steps = [3]\nmy_option = 1\nparts = dict(steps=steps)\nx = parts')
    (message,) = logged
    assert message.endswith('mine.py: keys without effect: my_option, x.')
    logged.clear()
    load_config(CONFIG)
    written(f"{MODEL}sync_bn = 'torch'")  # mmengine's Runner reads it
    assert not logged


@pytest.mark.parametrize(
    ('options', 'named'),
    [
        ({'model': 3}, 'model: found 3'),
        ({'model.test_cfg': 3}, 'model.test_cfg: found 3, expected `dict`'),
        ({'model.backbone.type.x': 3}, r'--cfg-options model\.backbone\.type\.x: cannot be applied'),
        (
            {'train_dataloader.dataset.pipeline.99.type': 'x'},
            r'--cfg-options train_dataloader\S+: cannot be applied',
        ),
        ({'model.type': 5}, 'model.type: found 5'),
        ({'model.backbone': 3}, 'cfg should be a dict'),
        ({'model.backbone.type': 'os.mkdir'}, 'mkdir'),
        ({'model.backbone.type': 'a..b'}, 'a..b'),
        ({'model.backbone': dict(depth=18)}, None),
        ({'model.backbone.depth': 19}, 'depth'),
        ({'model.decode_head.channels': 'many'}, 'TypeError'),
        ({'model.decode_head.channels': -8}, ''),
        ({'model.test_cfg.short_side': 0}, 'model.test_cfg.short_side: found 0, expected `int` >= 1'),
        ({'model.test_cfg.scales': []}, r'model.test_cfg.scales: found \[\], expected `list` of length >= 1'),
    ],
)
def test_a_model_that_cannot_be_built_names_config_and_key(options, named):
    if named is None:
        init_model(CONFIG, cfg_options=options)
        return
    with pytest.raises(ConfigError, match=rf'stm_tiny_synthetic-box\.py.*{named}'):
        init_model(CONFIG, cfg_options=options)
    config = load_config(CONFIG)
    with pytest.raises(ConfigError, match=rf'stm_tiny_synthetic-box\.py.*{named}'):
        init_model(config, cfg_options=options)


def test_options_are_applied_together():
    options = {'model.test_cfg._delete_': True, 'model.test_cfg.short_side': 96}
    assert load_config(CONFIG, options).model.test_cfg.to_dict() == dict(short_side=96)


def test_a_validation_that_is_like_the_test_stays_so():
    def videos(**options: int) -> tuple[int, int]:
        names = {name.replace('__', '_dataloader.dataset.'): value for name, value in options.items()}
        cfg = load_config('stm/stm_tiny_synthetic-box.py', names)
        return cfg.val_dataloader.dataset.num_videos, cfg.test_dataloader.dataset.num_videos

    assert videos() == (12, 12)
    assert videos(test__num_videos=2) == (2, 2)
    assert videos(test__num_videos=2, val__num_videos=3) == (3, 2)
    assert videos(val__num_videos=3) == (3, 12)


def test_a_component_without_type_is_named(written):
    cfg = written("model = dict(type='STM', backbone=dict(depth=18))")
    with pytest.raises(ConfigError, match=r'mine\.py: .*'):
        init_model(cfg)
    del cfg['model']['type']
    with pytest.raises(ConfigError, match=r'mine\.py: model: has no `type`'):
        init_model(cfg)


def test_a_part_that_pretrained_weights_lack_is_named(tmp_path):
    torch.save({'weight': torch.ones(1)}, tmp_path / 'w.pth')
    pretrained = dict(type='Pretrained', checkpoint=str(tmp_path / 'w.pth'), prefix='backbone')
    with pytest.raises(ConfigError, match=r'synthetic-box\.py: backbone\. is not in the pretrained model'):
        init_model(CONFIG, cfg_options={'model.backbone.init_cfg': pretrained})


@pytest.mark.parametrize('config', [None, 3, dict(type='STM')])
def test_what_is_no_config_is_named(config):
    with pytest.raises(ConfigError, match='found a config of type'):
        init_model(config)


@pytest.mark.parametrize(
    ('options', 'named'),
    [
        (3, r'test_cfg: found 3, expected `dict`\. Correct'),
        ([], r'test_cfg: found \[\]'),
        (dict(short_side=-1), 'test_cfg.short_side: found -1'),
        (dict(short_side=True), 'test_cfg.short_side: found True'),
        (dict(short_side='240'), "test_cfg.short_side: found '240', expected `int | None`"),
        (dict(scales=[]), 'test_cfg.scales'),
        (dict(scales=1.0), 'test_cfg.scales: found 1.0, expected `list`'),
        (dict(scales=[1.0, 0]), r'test_cfg.scales\[1\]: found 0'),
        (dict(scales=[float('inf')]), r'test_cfg.scales\[0\]: found inf'),
        (dict(scales=[float('nan')]), r'test_cfg.scales\[0\]: found nan'),
        (dict(flip='no'), "test_cfg.flip: found 'no'"),
        (
            dict(direction='backward'),
            "test_cfg.direction: found 'backward', expected one of .'forward', 'both'",
        ),
        (dict(postprocess=dict(type='DenseCRF')), 'test_cfg.postprocess: found'),
        (dict(online=True), 'test_cfg.online: found True'),
        (dict(short_sides=1), "test_cfg: unknown 'short_sides'. Did you mean 'short_side'"),
    ],
)
def test_wrong_test_options_are_named(options, named):
    with pytest.raises(ConfigError, match=rf'^model\.{named.replace("|", re.escape("|"))}'):
        check_test_options(options)


def test_test_options_may_be_left_out_or_none():
    check_test_options({})
    check_test_options(
        dict(short_side=None, flip=None, aggregation=None, postprocess=None, online=None, scales=(1, 2))
    )


def test_a_visualizer_that_cannot_be_built_leaves_other_threads_their_loggers(tmp_path):
    path = tmp_path / 'c.py'
    path.write_text("model = dict(type='STM')\n")
    cfg = load_config(path)
    with pytest.raises(ConfigError), config_errors(cfg):
        VISUALIZERS.build(dict(type='Visualizer', name='broken', vis_backends=[dict(type='Nowhere')]))
    thread = threading.Thread(target=MMLogger.get_instance, args=('another',), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
