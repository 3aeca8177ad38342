"""The shell scripts that MMSegmentation's users know start the tools with the arguments that they get."""

import os
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1] / 'tools'


def run(script: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(TOOLS / script), *arguments], env={**os.environ, **env}, capture_output=True, text=True
    )


@pytest.fixture
def echo(tmp_path):
    """A program that prints its arguments, one per line."""
    path = tmp_path / 'echo'
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
    path.chmod(0o755)
    return path


def test_torchrun_starts_training_and_tests(echo):
    arguments = ['--cfg-options', 'model.a=1 b', 'c=2']
    for script, given in (('dist_train.sh', ['c.py', '2']), ('dist_test.sh', ['c.py', 'w.pth', '2'])):
        done = run(script, *given, *arguments, PYTHON=str(echo), PORT='29511')
        words = done.stdout.splitlines()
        assert done.returncode == 0 and words[1:3] == ['-m', 'torch.distributed.run']
        assert '--nproc_per_node=2' in words and '--master_port=29511' in words
        tool = words.index(str(TOOLS / script.replace('dist_', '').replace('.sh', '.py')))
        assert words[tool + 1 :] == [*given[:-1], '--launcher', 'pytorch', *arguments]


def test_srun_starts_training_and_tests(echo):
    path = f'{echo.parent}:{os.environ["PATH"]}'
    echo.rename(echo.parent / 'srun')
    for script, given in (('slurm_train.sh', ['c.py']), ('slurm_test.sh', ['c.py', 'w.pth'])):
        done = run(script, 'gpu', 'job', *given, '--x', PATH=path, GPUS='16', SRUN_ARGS='--time=1 --quiet')
        words = done.stdout.splitlines()
        wanted = ['--partition=gpu', '--job-name=job', '--gres=gpu:8', '--ntasks=16', '--time=1', '--quiet']
        assert done.returncode == 0 and set(wanted) <= set(words)
        assert words[-len(given) - 3 :] == [*given, '--launcher', 'slurm', '--x']


@pytest.mark.parametrize('script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh'])
def test_missing_arguments_print_the_usage(script):
    done = run(script, 'one')
    assert done.returncode == 2 and done.stderr.startswith('usage: ') and not done.stdout
