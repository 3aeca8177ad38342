"""A data loader whose worker dies ends the training with an error that says what to do."""

import os
import signal

import pytest
from torch.utils.data import get_worker_info

from vosplug.datasets import SyntheticVOS
from vosplug.engine.runner import worker_errors
from vosplug.errors import VOSError


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_is_named(config, tool, tmp_path, monkeypatch, number):
    real = SyntheticVOS.prepare_data

    def prepare_data(dataset, idx):
        if get_worker_info() is not None and len(list(tmp_path.glob('drawn.*'))) > 2:
            os.kill(os.getpid(), number)
        (tmp_path / f'drawn.{idx}').touch()
        return real(dataset, idx)

    monkeypatch.setattr(SyntheticVOS, 'prepare_data', prepare_data)
    with pytest.raises(SystemExit, match=r'VOSError: DataLoader worker.*Lower num_workers or batch_size'):
        tool('train', config, '--work-dir', 'out', '--cfg-options', 'train_dataloader.num_workers=1')


def test_other_errors_stay_themselves():
    with pytest.raises(RuntimeError, match='shapes') as found, worker_errors():
        raise RuntimeError('shapes differ')
    assert not isinstance(found.value, VOSError)
