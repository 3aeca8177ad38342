"""What a training or a test prints: the log file has everything, the terminal what a person reads."""

import re
from argparse import Namespace

import pytest
from tiny_run import write_config
from torch.utils.data import DataLoader, Dataset

from vosplug.config import load_config
from vosplug.engine.runner import build_runner, prepare, worker_errors
from vosplug.errors import AnnotationError, VOSError

PARAMWISE = "optim_wrapper['paramwise_cfg'] = dict(custom_keys={'backbone': dict(lr_mult=0.3)})"


def run(path, work_dir):
    cfg = load_config(path, {'val_cfg': None, 'val_dataloader': None, 'val_evaluator': None})
    runner = build_runner(prepare(cfg, Namespace(launcher='none', work_dir=str(work_dir))))
    runner.train()
    return runner


def test_environment_config_and_parameters_are_in_the_log_file_only(tmp_path, capsys):
    runner = run(write_config(tmp_path / 'config.py', PARAMWISE), tmp_path / 'run')
    shown = capsys.readouterr().out
    (log,) = (tmp_path / 'run').glob('*/*.log')
    for report in ('System environment:', 'Config:\n', 'paramwise_options', 'Hooks will be executed'):
        assert report in log.read_text() and report not in shown, report
    before, _, after = shown.partition('Iter(train) [1/4]')
    assert after and len(before.splitlines()) < 12 and 'FileClient' not in before
    summary = next(line for line in before.splitlines() if 'M parameters' in line)
    assert re.search(r'STM, 0\.\d+ M parameters, 1 x \S+.*, seed 0; vosplug', summary)
    assert str(log) in summary and runner.logger.log_file == str(log)


def test_losses_without_supervision_are_not_logged(tmp_path, capsys):
    """The tiny run is supervised by boxes only."""
    run(write_config(tmp_path / 'config.py'), tmp_path / 'run')
    lines = [line for line in capsys.readouterr().out.splitlines() if 'Iter(train)' in line]
    assert len(lines) == 4
    assert all('loss_projection' in line and 'loss_ce' not in line for line in lines)


class _Damaged(Dataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        raise AnnotationError(
            f'masks/bear/0000{index}.png: expected an indexed mask, found RGB.\nConvert it.'
        )


@pytest.mark.parametrize('num_workers', [0, 1])
def test_an_error_about_data_is_the_same_from_a_worker(num_workers):
    loader = DataLoader(_Damaged(), num_workers=num_workers)
    with pytest.raises(AnnotationError) as caught, worker_errors():
        next(iter(loader))
    assert str(caught.value) == 'masks/bear/00000.png: expected an indexed mask, found RGB.\nConvert it.'


def test_errors_that_quote_a_worker_stay_as_they_are():
    with pytest.raises(VOSError, match='^Caught in the act$'), worker_errors():
        raise VOSError('Caught in the act')
