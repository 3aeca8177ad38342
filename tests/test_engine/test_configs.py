"""Wrong configs name themselves; shipped ones build."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from mmengine.logging import MessageHub
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from tiny_run import write_config
from trained_parts import make_checkpoint

from vosplug.config import load_config
from vosplug.datasets.mixture import leaf_datasets
from vosplug.errors import ConfigError
from vosplug.evaluation.metrics import VOSMetric
from vosplug.models import (
    LWL,
    STM,
    Box2Seg,
    MaskTrack,
    SAM2BoxInitializer,
    Seq2Seq,
    STANet,
    StreamingModel,
    XMem,
)
from vosplug.paths import config_root
from vosplug.registry import DATASETS, HOOKS, LOOPS, METRICS, MODELS, PARAM_SCHEDULERS

SHIPPED = sorted(p for p in config_root().rglob('*.py') if '_base_' not in p.relative_to(config_root()).parts)


METHODS = dict(
    box2seg=Box2Seg,
    lwl=LWL,
    masktrack=MaskTrack,
    sam2=(StreamingModel, SAM2BoxInitializer),
    seq2seq=Seq2Seq,
    sta=STANet,
    stm=STM,
    xmem=XMem,
    xmem_box=XMem,
)


@pytest.mark.parametrize('path', SHIPPED, ids=lambda p: p.stem)
def test_shipped_config_builds_all_that_a_run_needs(path, tmp_path, monkeypatch):
    if path.parent.name == 'sam2':
        from small_sam2 import write_small_sam2

        monkeypatch.setenv('SAM2_MODEL', str(write_small_sam2(tmp_path)))
    cfg = load_config(path)
    init_default_scope('vosplug')
    # a Runner takes all three or none
    assert len({key in cfg for key in ('train_dataloader', 'train_cfg', 'optim_wrapper')}) == 1
    make_checkpoint(cfg.model, tmp_path / 'trained.pth')
    model = MODELS.build(cfg.model)
    assert isinstance(model, METHODS[path.parent.name])
    for key in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if cfg.get(key):
            dataset = DATASETS.build({**cfg[key].dataset, 'lazy_init': True})
            for leaf in leaf_datasets(dataset):
                steps = [type(step).__name__ for step in leaf.pipeline.transforms]
                assert leaf.test_mode == (not steps) == (key != 'train_dataloader')
                assert not steps or (steps[0] == 'LoadClip' and steps[-1].startswith('Pack'))
        kind = key.removesuffix('_dataloader')
        if kind != 'train' and cfg.get(key):
            metric = cfg[f'{kind}_evaluator']
            assert metric == [] or isinstance(METRICS.build(metric), VOSMetric)  # some have a server for it
            assert LOOPS.get(cfg[f'{kind}_cfg'].type).__name__ == f'Video{kind.title()}Loop'
    if 'train_cfg' in cfg:
        check_training(cfg, model)


def check_training(cfg, model) -> None:
    """Optimizer, schedules and hooks, which mmengine builds when a training starts, fit model and data."""
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    trained = sum(p.requires_grad for group in wrapper.optimizer.param_groups for p in group['params'])
    assert trained == len([p for p in model.parameters() if p.requires_grad])
    schedules = [
        PARAM_SCHEDULERS.build({**s, 'optimizer': wrapper}) for s in cfg.get('param_scheduler') or []
    ]
    assert all(not isinstance(schedule, dict) for schedule in schedules)
    dataset = DATASETS.build({**cfg.train_dataloader.dataset, 'lazy_init': True})
    runner = SimpleNamespace(
        model=model,
        train_dataloader=SimpleNamespace(dataset=dataset, num_workers=0, prefetch_factor=None),
        iter=0,
        max_iters=cfg.train_cfg.max_iters,
        logger=logging.getLogger('test'),
        message_hub=MessageHub('test_configs'),
    )
    for hook in cfg.get('custom_hooks') or []:
        HOOKS.build(hook).before_train(runner)  # names a loss that the model has, or a sampler of the data
    for hook in cfg.get('default_hooks', {}).values():
        HOOKS.build(hook)


@pytest.mark.parametrize('path', SHIPPED, ids=lambda p: p.stem)
def test_what_a_training_starts_from_is_what_a_shipped_config_leaves(path):
    start = load_config(path).get('load_from')
    if start is None:
        return
    folder, name, file = Path(start).parts
    (source,) = (config for config in SHIPPED if config.stem == name)
    source = load_config(source)
    assert (folder, file) == ('work_dirs', f'iter_{source.train_cfg.max_iters}.pth')
    given, taken = (cfg.model for cfg in (source, load_config(path)))
    assert issubclass(MODELS.get(taken.type), MODELS.get(given.type))
    given, taken = (model.get('network', model) for model in (given, taken))  # MaskTrack's is inside
    assert given.backbone.type == taken.backbone.type


DATA = config_root() / '_base_' / 'datasets'
TRAINED_ON = ('ytvos2018_davis16_clips', 'ytvos2018_davis16_crops', 'static_images')
TESTED_ON = ('davis2017', 'ytvos2018', 'ytvos2019', 'long_video', 'long_video_x3')


@pytest.mark.parametrize(
    ('train', 'test'),
    [(name, 'davis2017') for name in TRAINED_ON] + [(TRAINED_ON[0], name) for name in TESTED_ON[1:]],
)
def test_training_and_test_data_combine_without_being_there(tmp_path, train, test):
    path = tmp_path / 'both.py'
    path.write_text(
        f'_base_ = [{str(DATA / f"{train}.py")!r}, {str(DATA / f"{test}.py")!r}]\n'
        "train_dataloader = dict(dataset=dict(supervision='box'))\n"
    )
    cfg = load_config(path)
    init_default_scope('vosplug')
    clips, videos = (
        list(leaf_datasets(DATASETS.build({**cfg[key].dataset, 'lazy_init': True})))
        for key in ('train_dataloader', 'test_dataloader')
    )
    assert all(leaf.supervision == 'box' and len(leaf.pipeline.transforms) > 4 for leaf in clips)
    assert [leaf.test_mode for leaf in videos] == [True]
    assert set(cfg.train_dataloader.sampler.weights) == set(cfg.train_dataloader.dataset.datasets)


@pytest.mark.parametrize(
    'typo', ['train_dataloder', 'default_hook', 'optim_wraper', 'modle', 'param_schedulers']
)
def test_a_misspelt_top_level_key_is_named(tmp_path, typo):
    path = write_config(tmp_path / 'typo.py', f'{typo} = dict()')
    with pytest.raises(ConfigError, match=rf'typo\.py: unknown key {typo!r}. Did you mean'):
        load_config(path)


def test_helper_variables_are_no_unknown_keys(config):
    assert load_config(config).group_norm.type == 'GN'


def test_an_unknown_option_is_named(config):
    with pytest.raises(
        ConfigError, match=r"tiny\.py has no key 'train_dataloder'. Did you mean 'train_dataloader'"
    ):
        load_config(config, {'train_dataloder.batch_size': 3})
    assert load_config(config, {'train_dataloader.batch_size': 3}).train_dataloader.batch_size == 3


@pytest.mark.parametrize('content', ['model = dict(', "_base_ = ['./nowhere.py']", 'x = undefined + 1'])
def test_a_config_that_cannot_be_read_is_named(tmp_path, content):
    (tmp_path / 'broken.py').write_text(content)
    with pytest.raises(ConfigError, match=r'broken\.py'):
        load_config(tmp_path / 'broken.py')


def test_a_missing_config_is_named():
    with pytest.raises(ConfigError, match='nowhere.py: no such config file'):
        load_config('nowhere.py')


@pytest.mark.parametrize(
    ('option', 'named'),
    [
        ('model.memry=1', 'memry'),
        ('model.type=STMM', 'STMM'),
        ('model.backbone.typ=1', 'typ'),
        ('model.test_cfg.short_sid=1', 'short_sid'),
        ('train_dataloader.dataset.num_vid=1', 'num_vid'),
        ('train_dataloader.dataset.type=SyntheticVO', 'SyntheticVO'),
        ('train_dataloader.batchsize=1', 'batchsize'),
        ('train_cfg.max_iter=1', 'max_iter'),
        ('optim_wrapper.optimizer.learning_rate=1', 'learning_rate'),
        ('val_evaluator.protocol=davis2099', 'davis2099'),
        ('default_hooks.logger.intervall=1', 'intervall'),
    ],
)
def test_a_key_no_component_knows_ends_training_with_a_message(config, tool, option, named):
    with pytest.raises(SystemExit) as exit_info:
        tool('train', config, '--cfg-options', option)
    message = str(exit_info.value)
    assert message.startswith('ConfigError:') and 'tiny.py' in message and named in message


def test_a_bug_keeps_its_traceback(config, tool, monkeypatch):
    from vosplug.models import STM

    def broken(*args, **kwargs):
        return {}['no such key']

    monkeypatch.setattr(STM, 'clip_logits', broken)
    with pytest.raises(KeyError, match='no such key'):
        tool('train', config)


def test_a_key_that_only_testing_reads_is_named(config, tool, tmp_path):
    tool('train', config, '--cfg-options', 'val_cfg=None', 'val_dataloader=None', 'val_evaluator=None')
    checkpoint = tmp_path / 'work_dirs' / 'tiny' / 'iter_4.pth'
    with pytest.raises(SystemExit, match=r'ConfigError: .*tiny\.py: .*protocl'):
        tool('test', config, checkpoint, '--cfg-options', 'test_evaluator.protocl=1')
