"""Training and testing with two CPU processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_run import TOOLS, write_config

from vosplug.checkpoint import read_checkpoint
from vosplug.config import load_config

# rank 1 dies once
DYING = """
import os
import signal
from pathlib import Path

from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class DieOnce(Hook):
    def __init__(self, mark):
        self.mark = Path(mark)

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 3 and get_rank() == 1 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
"""


def two_processes(*command: object, cwd: Path, launcher: tuple[str, ...] = ()) -> None:
    """Run a tool in two CPU processes."""
    # --standalone takes a free port
    torchrun = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2']
    done = subprocess.run(
        [*torchrun, *launcher, *map(str, command), '--launcher', 'pytorch'],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def weights(path: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(path)['state_dict']


# what Python imports when it starts
AT_END = """
import atexit
import os
from pathlib import Path


def write_threads():
    names = [path.read_text().strip() for path in Path('/proc/self/task').glob('*/comm')]
    Path('threads.' + os.environ['RANK']).write_text(' '.join(names))


if 'RANK' in os.environ:
    atexit.register(write_threads)
"""


def test_two_processes_share_the_batch_of_a_recipe_and_its_clips(tool, tmp_path, monkeypatch):
    (tmp_path / 'sitecustomize.py').write_text(AT_END)
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=':')
    recipe = write_config(tmp_path / 'tiny.py', 'total_batch_size = 2')
    two_processes(TOOLS / 'train.py', recipe, '--work-dir', 'out', cwd=tmp_path)
    # which would abort a process that ends, now and then
    assert not any('gloo' in (tmp_path / f'threads.{rank}').read_text() for rank in range(2))
    assert load_config(tmp_path / 'out' / 'tiny.py').train_dataloader.batch_size == 1
    tool('train', recipe, '--work-dir', tmp_path / 'alone')
    together, alone = weights(tmp_path / 'out' / 'iter_4.pth'), weights(tmp_path / 'alone' / 'iter_4.pth')
    # the mean of two clips' gradients is, up to rounding and Adam, that of both
    assert all(torch.allclose(value, alone[key], atol=5e-3) for key, value in together.items())


def test_two_processes_score_as_one_does(config, tool, tmp_path):
    tool('train', config, '--work-dir', tmp_path)
    tool('test', config, tmp_path / 'iter_4.pth')
    alone = (tmp_path / 'scores.json').read_text()
    (tmp_path / 'scores.json').unlink()
    two_processes(TOOLS / 'test.py', config, 'iter_4.pth', '--out', 'masks', cwd=tmp_path)
    # three videos on two processes: one of them is padded with a video that must not count twice
    assert json.loads((tmp_path / 'scores.json').read_text()) == json.loads(alone)
    assert len(list((tmp_path / 'masks').glob('*/*.png'))) == 15


@pytest.mark.slow
def test_a_dead_process_is_restarted_by_torchrun_and_nothing_is_lost(tmp_path, monkeypatch):
    (tmp_path / 'dying.py').write_text(DYING)
    hook = dict(type='mmengine.DieOnce', mark=str(tmp_path / 'died'))
    extra = f"""
custom_imports = dict(imports=['dying'])
custom_hooks = [{hook}]
default_hooks['checkpoint']['interval'] = 1
"""
    config = write_config(tmp_path / 'tiny.py', extra)
    command = [TOOLS / 'train.py', config, '--resume', '--work-dir']
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=':')
    monkeypatch.setenv('TORCH_DISABLE_SHARE_RDZV_TCP_STORE', '1')  # as docs/scaling.md says
    two_processes(*command, 'killed', cwd=tmp_path, launcher=('--max-restarts', '1'))
    assert (tmp_path / 'died').exists()
    two_processes(*command, 'whole', cwd=tmp_path)
    killed, whole = (weights(tmp_path / name / 'iter_4.pth') for name in ('killed', 'whole'))
    assert all(torch.equal(value, whole[key]) for key, value in killed.items())
