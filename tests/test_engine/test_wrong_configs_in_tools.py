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
