"""Shards of a command as a Slurm job array."""

import argparse
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import ConfigError, VOSError


def check_workers(args: argparse.Namespace) -> None:
    """Raise a ConfigError for workers that the executor does not start."""
    if args.executor == 'local' and args.workers:
        raise ConfigError(
            f'--workers: found {args.workers} with --executor local, which runs in this process. Choose '
            'another executor, or run several processes, each with its --shard I/N.'
        )


def run_shards(command: str, argv: Sequence[str], count: int | None, sbatch: str, logs: Path) -> None:
    """Run a command as an array of Slurm jobs, each with its part of the videos, and wait for them.

    Job I of N runs the same command line with ``--executor local --workers 0 --shard I/N``, in the same
    folder and with the same Python; machines must see both under the same paths. Slurm restarts a job when
    its machine fails or it is preempted; the missing work of other failed jobs is done when the command is
    run again.

    Args:
        command: of ``vosplug``, one that has ``--shard`` and resumes.
        argv: its arguments.
        count: N.
        sbatch: more options of sbatch, as on a command line.
        logs: folder of the jobs' logs, one file for each.

    Raises:
        ConfigError: no number of jobs, or no Slurm here.
        VOSError: Slurm refused the jobs, or some of them failed; names their logs.
        KeyboardInterrupt: re-raised after the jobs are cancelled.
    """
    if not count or count < 1:
        raise ConfigError(f'--workers: found {count}, expected the number of Slurm jobs.')
    if shutil.which('sbatch') is None:
        raise ConfigError('--executor slurm: sbatch not found. Run it on a login node, or use --shard.')
    logs.mkdir(parents=True, exist_ok=True)
    for path in logs.glob('shard_*.log'):
        path.unlink()  # left by an earlier run, whose errors must not be reported for this one
    here = ['--executor', 'local', '--workers', '0', '--shard']
    shard = [sys.executable, '-m', 'vosplug', command, *argv, *here]
    script = f'exec {shlex.join(shard)} "$SLURM_ARRAY_TASK_ID/{count}"'
    options = ['--array', f'1-{count}', '--requeue', '--output', str(logs / 'shard_%a.log')]
    more = [*shlex.split(sbatch), '--wait', '--wrap', script]
    _submit(['sbatch', '--job-name', f'vosplug-{command}', *options, *more], logs)


def _submit(command: list[str], logs: Path) -> None:
    """Submit an array of jobs and wait for its end."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stderr
    said = process.stdout.readline()  # "Submitted batch job 12", before it waits
    job = re.search('[0-9]+', said)
    print(f'{said.strip()}; logs: {logs}/shard_*.log', file=sys.stderr, flush=True)
    try:
        errors = process.stderr.read()
        code = process.wait()
    except BaseException:
        if job:
            subprocess.run(['scancel', job[0]], check=False)
        process.terminate()
        raise
    if job is None:
        raise VOSError(f'sbatch: {errors.strip() or f"exit code {code}"}')
    if code:
        raise VOSError(_failure(logs, code))


def _failure(logs: Path, code: int) -> str:
    """Message about failed jobs: the last lines of their logs."""
    ends = []
    for path in sorted(logs.glob('shard_*.log')):
        lines = path.read_text(errors='replace').strip().splitlines()
        if lines and re.match(r'\w*Error\b|slurmstepd|srun: error|Killed', lines[-1]):
            ends.append(f'{path}: {lines[-1]:.300}')
    shown = '\n  '.join(ends[:5]) or f'see {logs}/shard_*.log'
    return (
        f'Slurm: jobs failed (exit code {code}).\n  {shown}\n'
        'Run the same command again: it skips what is finished.'
    )
