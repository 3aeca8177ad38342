"""``--executor slurm``: shards as a job array, with Slurm itself where there is one, otherwise a stand-in."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_factory import tree, write_four_videos
from tiny_run import write_config

from vosplug.cli import main
from vosplug.cli.slurm import run_shards
from vosplug.errors import ConfigError, VOSError

# runs the tasks of an array one after the other, as sbatch --wait does on other machines; DIES is a task
# that is killed before it does anything
SBATCH = """#!{python}
import os, subprocess, sys
options = dict(zip(sys.argv[1:], sys.argv[2:]))
first, last = options['--array'].split('-')
script = options['--wrap']
print('Submitted batch job 7', flush=True)
codes = []
for task in range(int(first), int(last) + 1):
    with open(options['--output'].replace('%a', str(task)), 'w') as log:
        if os.environ.get('DIES') == str(task):
            codes.append(137)
            print('slurmstepd: error: Detected 1 oom_kill event', file=log)
            continue
        env = dict(os.environ, SLURM_ARRAY_TASK_ID=str(task))
        run = subprocess.run(['sh', '-c', script], env=env, stdout=log, stderr=log)
        codes.append(run.returncode)
sys.exit(max(codes))
"""


def write_stand_in(folder: Path, monkeypatch) -> None:
    folder.mkdir()
    program = folder / 'sbatch'
    program.write_text(SBATCH.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(folder), prepend=':')


@pytest.fixture(params=['stand-in', pytest.param('slurm', marks=pytest.mark.slow)])
def slurm(request, tmp_path, monkeypatch) -> None:
    """A working ``sbatch``."""
    if request.param == 'stand-in':
        write_stand_in(tmp_path / 'bin', monkeypatch)
    elif shutil.which('sbatch') is None or subprocess.run('sinfo', capture_output=True).returncode:
        pytest.skip('needs a Slurm cluster')
    monkeypatch.setenv('PYTHONPATH', str(Path(__file__).parents[2]))


@pytest.fixture
def label(tmp_path) -> list[str]:
    root = write_four_videos(tmp_path / 'data')
    (root / 'filled.py').write_text("model = dict(type='FilledBoxInitializer')\n")
    return [
        'label',
        f'{root}/filled.py',
        '--videos',
        f'{root}/videos',
        '--boxes',
        f'{root}/boxes.csv',
        '--out',
    ]


def test_labels_are_those_of_one_process(slurm, label, tmp_path, capsys):
    main([*label, f'{tmp_path}/one', '--json'])
    alone = json.loads(capsys.readouterr().out)
    main([*label, f'{tmp_path}/many', '--executor', 'slurm', '--workers', '3', '--json'])
    assert json.loads(capsys.readouterr().out) == alone
    logs = {p.name for p in (tmp_path / 'many/work/slurm').iterdir()}
    assert logs == {'shard_1.log', 'shard_2.log', 'shard_3.log'}
    shutil.rmtree(tmp_path / 'many/work/slurm')
    assert tree(tmp_path / 'many') == tree(tmp_path / 'one')


def test_a_job_that_dies_is_named_and_repeating_makes_the_rest(label, tmp_path, monkeypatch):
    write_stand_in(tmp_path / 'bin', monkeypatch)
    monkeypatch.setenv('DIES', '2')
    argv = [*label, f'{tmp_path}/many', '--executor', 'slurm', '--workers', '2']
    old = tmp_path / 'many/work/slurm/shard_7.log'
    old.parent.mkdir(parents=True)
    old.write_text('ConfigError: of an earlier run\n')
    with pytest.raises(SystemExit, match='oom_kill') as ended:
        main(argv)
    assert 'shard_2.log' in str(ended.value) and 'shard_1.log' not in str(ended.value)
    assert 'earlier' not in str(ended.value)
    monkeypatch.delenv('DIES')
    main(argv)
    main([*label, f'{tmp_path}/one'])
    shutil.rmtree(tmp_path / 'many/work/slurm')
    assert tree(tmp_path / 'many') == tree(tmp_path / 'one')


def test_scores_are_those_of_one_process(slurm, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    test = ['test', str(write_config(tmp_path / 'tiny.py')), '--untrained', '--json', '--work-dir']
    main([*test, f'{tmp_path}/one'])
    alone = json.loads(capsys.readouterr().out)
    main([*test, f'{tmp_path}/many', '--executor', 'slurm', '--workers', '2'])
    assert json.loads(capsys.readouterr().out) == alone


@pytest.mark.parametrize(
    'command', ['label box2seg-tiny --videos videos --boxes boxes.csv --out out', 'test config.py']
)
def test_workers_that_are_not_started_are_refused(command):
    with pytest.raises(SystemExit, match='--workers: found 4 with --executor local, which runs in this'):
        main([*command.split(), '--workers', '4'])


def test_without_slurm(tmp_path, monkeypatch):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(ConfigError, match='sbatch not found'):
        run_shards('label', [], 2, '', tmp_path)
    with pytest.raises(ConfigError, match='--workers: found None'):
        run_shards('label', [], None, '', tmp_path)


def test_what_sbatch_says_is_the_error(tmp_path, monkeypatch):
    program = tmp_path / 'sbatch'
    program.write_text('#!/bin/sh\necho "sbatch: error: invalid partition specified: x" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=':')
    with pytest.raises(VOSError, match='invalid partition specified: x'):
        run_shards('label', [], 2, '--partition=x', tmp_path / 'logs')
