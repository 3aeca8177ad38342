"""A data loader whose worker dies ends the training with an error that says what to do."""

import signal
import subprocess
import sys
from multiprocessing import resource_sharer

import pytest
from tiny_run import TOOLS

from vosplug.engine.runner import worker_errors
from vosplug.errors import VOSError

# a process of its own, since torch raises the error wherever the training process happens to be
SCRIPT = """
import os
import runpy
import sys
from pathlib import Path

from torch.utils.data import get_worker_info

from vosplug.datasets import SyntheticVOS

tool, number, *arguments = sys.argv[1:]
real = SyntheticVOS.prepare_data


def prepare_data(dataset, idx):
    if get_worker_info() is not None and len(list(Path().glob('drawn.*'))) > 2:
        os.kill(os.getpid(), int(number))
    Path(f'drawn.{idx}').touch()
    return real(dataset, idx)


SyntheticVOS.prepare_data = prepare_data
sys.argv = [tool, *arguments]
runpy.run_path(tool, run_name='__main__')
"""


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_is_named(config, tmp_path, number):
    options = ['--work-dir', 'out', '--cfg-options', 'train_dataloader.num_workers=1']
    command = [sys.executable, '-c', SCRIPT, TOOLS / 'train.py', str(int(number)), config, *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and 'VOSError: DataLoader worker' in done.stderr, done.stderr[-3000:]
    assert 'Lower num_workers or batch_size' in done.stderr


def test_a_worker_that_dies_while_it_hands_over_is_named(tmp_path):
    handle = resource_sharer.DupFd(0)
    handle._id = (str(tmp_path / 'gone'), handle._id[1])
    with (
        pytest.raises(VOSError, match=r'^DataLoader worker: .* was lost\. A process .*--resume'),
        worker_errors(),
    ):
        handle.detach()


def test_other_errors_stay_themselves():
    with pytest.raises(RuntimeError, match='shapes') as found, worker_errors():
        raise RuntimeError('shapes differ')
    with pytest.raises(ConnectionResetError), worker_errors():
        raise ConnectionResetError
    assert not isinstance(found.value, VOSError)
