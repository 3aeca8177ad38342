"""Weights with code end every tool with a message, and the code does not run."""

import pytest
import torch
from malicious_files import Payload, malicious_checkpoint
from tiny_run import write_config

from vosplug.apis import init_model
from vosplug.errors import CheckpointError

NO_VALIDATION = ('val_cfg=None', 'val_dataloader=None', 'val_evaluator=None')


@pytest.fixture
def bad(tmp_path):
    """A checkpoint that would make the folder ``ran``."""
    yield malicious_checkpoint(4, tmp_path / 'ran', tmp_path / 'bad.pth', {})
    assert not (tmp_path / 'ran').exists()


def refused(tool, *command) -> None:
    with pytest.raises(SystemExit, match=r'^CheckpointError: .*bad\.pth.*never loaded'):
        tool(*command)


@pytest.mark.parametrize('name', ['train', 'demo'])
@pytest.mark.parametrize('option', ['load_from', 'model.init_cfg'])
def test_training_refuses_initial_weights_with_code(config, tool, bad, name, option):
    value = bad if option == 'load_from' else None
    extra = (
        [f'load_from={value}']
        if value
        else ['model.init_cfg.type=Pretrained', f'model.init_cfg.checkpoint={bad}']
    )
    where = ('--config', config) if name == 'demo' else (config,)
    refused(tool, name, *where, '--cfg-options', *extra, *NO_VALIDATION)


def test_testing_refuses_weights_with_code(config, tool, bad):
    refused(tool, 'test', config, bad)
    refused(tool, 'test', config, '--untrained', '--cfg-options', f'load_from={bad}')


def test_a_model_refuses_pretrained_weights_with_code(config, bad):
    pretrained = {'model.init_cfg': dict(type='Pretrained', checkpoint=str(bad))}
    with pytest.raises(CheckpointError, match=r'bad\.pth'):
        init_model(config, cfg_options=pretrained)


def test_a_variable_that_names_weights_with_code_is_refused(monkeypatch, bad):
    monkeypatch.setenv('MOBILENETV2_WEIGHTS', str(bad))
    with pytest.raises(CheckpointError, match=r'bad\.pth'):
        init_model('stm/stm_mobilenetv2_davis16-mask.py')


def test_resuming_runs_no_code_of_the_checkpoint(config, tool, bad, tmp_path):
    tool('train', config, '--cfg-options', *NO_VALIDATION, 'train_cfg.max_iters=2')
    work_dir = tmp_path / 'work_dirs' / 'tiny'
    saved = work_dir / 'iter_2.pth'
    checkpoint = torch.load(saved, weights_only=False)
    # mmengine's Runner executes this text
    checkpoint['meta']['config'] = f'import os\nos.mkdir({str(tmp_path / "ran")!r})'
    torch.save(checkpoint, saved)
    tool('train', write_config(config), '--resume', '--cfg-options', *NO_VALIDATION)
    assert (work_dir / 'iter_4.pth').exists() and not (tmp_path / 'ran').exists()
    checkpoint['optimizer']['extra'] = Payload(tmp_path / 'ran')
    torch.save(checkpoint, work_dir / 'bad.pth')
    (work_dir / 'last_checkpoint').write_text(str(work_dir / 'bad.pth'))
    (work_dir / 'iter_4.pth').unlink()
    (work_dir / 'iter_2.pth').unlink()
    refused(tool, 'train', config, '--resume', '--cfg-options', *NO_VALIDATION)
