"""Wrong configs end the tools with a message, not with a traceback."""

import pytest
from tiny_run import write_config

OPTIONS = [
    ('model=3', 'model: found 3'),
    ('model=None', 'model: found None'),
    ('model.type=5', 'model.type: found 5'),
    ('model.test_cfg.scales=[]', r'model.test_cfg.scales: found \[\]'),
    ('test_dataloader.num_workers=-1', 'test_dataloader.num_workers: found -1'),
    ('test_dataloader.batch_size=-1', 'test_dataloader.batch_size: found -1'),
    ('model.key_projection.out_channels=many', 'TypeError'),
    ('test_dataloader.dataset.supervision=some', 'some'),
]


@pytest.mark.parametrize(('option', 'named'), OPTIONS)
@pytest.mark.parametrize('name', ['train', 'test'])
def test_a_wrong_value_ends_a_tool_with_a_message(config, tool, name, option, named):
    untrained = ['--untrained'] if name == 'test' else []
    option = option.replace('test_data', 'train_data') if name == 'train' else option
    named = named.replace('test_data', 'train_data') if name == 'train' else named
    with pytest.raises(SystemExit, match=rf'^ConfigError: \S*tiny\.py: .*({named})'):
        tool(name, config, *untrained, '--cfg-options', option)


def test_data_that_is_not_there_is_named(tmp_path, tool):
    nowhere = "dict(type='VideoFolderDataset', data_root='/nowhere', test_mode=True)"
    config = write_config(tmp_path / 'mine.py', f"test_dataloader['dataset'] = {nowhere}")
    with pytest.raises(SystemExit, match='^VideoError: /nowhere/frames: no such folder'):
        tool('test', config, '--untrained')


COLLATE = 'collate_fn: default_collate: batch must contain .* Use the type pseudo_collate'
LINES = [
    # tools, lines at the end of the config, arguments, message
    ('train test', 'del model', [], 'model: is missing, but (train|test)ing needs it'),
    (
        'train',
        'train_dataloader = None',
        [],
        'train_dataloader.dataset: is missing, but training needs it',
    ),
    ('train', 'del train_cfg', [], 'train_cfg: is missing, but training needs it'),
    ('train', 'del optim_wrapper', [], 'optim_wrapper: is missing, but training needs it'),
    ('train', 'del val_cfg', [], 'val_dataloader.*val_cfg.*val_evaluator'),
    ('test', 'test_cfg = None', ['--resume'], 'test_cfg: is missing, but testing needs it'),
    ('test', 'del test_cfg', [], 'test_cfg: is missing'),
    ('test', 'del test_dataloader', [], 'test_dataloader.dataset: is missing'),
    ('test', 'del test_dataloader', ['--shard', '1/2'], 'test_dataloader.dataset: is missing'),
    ('test', 'test_evaluator = None', ['--shard', '1/2'], 'test_evaluator: is missing'),
    ('train test', 'model["initializer"] = 5', [], 'model.initializer: found 5, expected .?dict'),
    ('train test', 'model["initializer"] = [1]', [], r'model.initializer: found \[1\], expected .?dict'),
    (
        'train test',
        'model["initializer"] = dict(refine=True)',
        [],
        'model.initializer: .*which has no .type.',
    ),
    ('train', 'train_dataloader["dataset"]["pipeline_options"] = [1]', [], r'pipeline_options: found \[1\]'),
    (
        'train',
        'train_dataloader["dataset"]["pipeline_options"] = [1]\nmodel["initializer"] = dict(type="GrabCutInitializer")',  # noqa: E501
        [],
        r'pipeline_options: found \[1\]',
    ),
    (
        'train',
        'train_dataloader["dataset"]["pipeline_options"] = dict(LoadClip=5)',
        [],
        r'pipeline_options\[...\]: found .*LoadClip',
    ),
    ('train', 'del train_dataloader["dataset"]', [], 'train_dataloader.dataset'),
    ('test', 'del test_dataloader["dataset"]', [], 'test_dataloader.dataset|dataset'),
    ('train test', 'log_level = "NOPE"', [], "log_level: found 'NOPE', expected one of"),
    ('train test', 'log_level = [1]', [], r'log_level: found \[1\], expected'),
    ('test', 'test_dataloader["collate_fn"] = dict(type="default_collate")', [], COLLATE),
    (
        'test',
        'test_dataloader.update(collate_fn=dict(type="default_collate"), num_workers=1)',
        [],
        COLLATE,
    ),
    ('train', 'train_dataloader["collate_fn"] = "default_collate"', [], 'collate_fn: found'),
    ('train', 'train_dataloader["nope"] = 5', [], 'nope'),
    ('train', 'train_dataloader["sampler"] = None', [], 'sampler'),
    ('train', 'param_scheduler = dict(type="LinearLR", nope=1)', [], 'nope'),
    ('train', 'optim_wrapper["optimizer"] = 5', [], 'optimizer'),
    (
        'train',
        'optim_wrapper["optimizer"]["lr"] = "much"',
        [],
        "optimizer.lr: found 'much', expected `float`",
    ),
    ('train', 'train_cfg["type"] = "Nope"', [], 'Nope'),
    ('train test', 'default_hooks["logger"] = dict(type="LoggerHook", interval="x")', [], 'interval'),
    ('train test', 'custom_hooks = [5]', [], r'custom_hooks\[0\]: found 5'),
    ('train test', 'env_cfg = dict(mp_cfg=5)', [], 'env_cfg|mp_cfg|mp_start_method|int'),
    ('train test', 'visualizer = dict(type="VOSVisualizer", vis_backends=5)', [], 'vis_backends|int'),
    ('train test', 'log_processor = dict(by_epoch=False, window_size="x")', [], 'window_size|window'),
    ('test', 'model["test_cfg"] = [1]', [], r'model.test_cfg: found \[1\]'),
    ('test', 'test_evaluator = dict(type="VOSMetric", protocol=5)', [], 'protocol: found 5'),
]


@pytest.mark.parametrize(
    ('name', 'lines', 'arguments', 'named'),
    [(name, *line) for names, *line in LINES for name in names.split()],
)
def test_a_config_that_lacks_what_a_tool_needs_ends_it_with_a_message(
    tmp_path, tool, name, lines, arguments, named
):
    config = write_config(tmp_path / 'tiny.py', lines)
    untrained = ['--untrained'] if name == 'test' else []
    named = named.replace('NAME', name)
    with pytest.raises(SystemExit, match=rf'^ConfigError: \S*tiny\.py: .*({named})'):
        tool(name, config, *untrained, *arguments)


@pytest.mark.parametrize('arguments', [[], ['--shard', '1/2']])
def test_videos_whose_masks_are_on_a_server_are_segmented_and_not_scored(config, tmp_path, tool, arguments):
    # as the configs of YouTube-VOS and TrackingNet say, and their pages for other test sets
    options = ['--cfg-options', 'test_evaluator=[]']
    tool('test', config, '--untrained', '--out', tmp_path / 'masks', *arguments, *options)
    assert list((tmp_path / 'masks').iterdir()) and not (tmp_path / 'scores.json').exists()


def test_a_test_needs_no_list_of_hooks(tmp_path, tool):
    config = write_config(tmp_path / 'tiny.py', 'custom_hooks = None')
    tool('test', config, '--untrained', '--out', tmp_path / 'masks')
    assert list((tmp_path / 'masks').iterdir())
