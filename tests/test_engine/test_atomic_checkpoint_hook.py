"""Checkpoints are whole or not there."""

import errno
import os

import pytest
from tiny_run import write_config

from vosplug.checkpoint import read_checkpoint


def test_a_full_disk_is_named_and_leaves_the_checkpoints_before(tool, tmp_path, monkeypatch):
    written = []

    def fsync(file: int) -> None:
        written.append(file)
        if len(written) > 4:  # the first checkpoint and its last_checkpoint, and their folder
            raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', fsync)
    run = tmp_path / 'run'
    with pytest.raises(SystemExit, match=r'OutputError: .*iter_4\.pth: cannot be written \(No space'):
        tool('train', write_config(tmp_path / 'tiny.py'), '--work-dir', run)
    assert read_checkpoint(run / 'iter_2.pth')['meta']['iter'] == 2
    assert (run / 'last_checkpoint').read_text() == 'iter_2.pth\n'
    left = [path.name for path in run.iterdir() if path.is_file()]
    assert sorted(left) == ['iter_2.pth', 'last_checkpoint', 'tiny.py']


def test_a_checkpoint_that_was_being_written_when_the_training_was_killed_is_removed(tool, tmp_path):
    run = tmp_path / 'run'
    run.mkdir()
    (run / '.iter_2.77.pth').write_bytes(b'half')
    tool('train', write_config(tmp_path / 'tiny.py'), '--work-dir', run, '--resume')
    assert {p.name for p in run.glob('*.pth')} | {p.name for p in run.glob('.*')} == {
        'iter_2.pth',
        'iter_4.pth',
    }


def test_checkpoints_fall_between_steps_of_the_optimizer(tool, tmp_path):
    config = write_config(tmp_path / 'tiny.py', 'optim_wrapper["accumulative_counts"] = 3')
    with pytest.raises(
        SystemExit, match=r'interval: found 2, expected a multiple of .*accumulative_counts=3'
    ):
        tool('train', config, '--work-dir', tmp_path / 'run')
