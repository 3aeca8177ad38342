"""Runs of tools that are killed at random moments until they have finished."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# a tiny run on a busy machine
HANGS_AFTER = 600


def run(command: Sequence[object], cwd: Path) -> float:
    """Run a command to its end; returns the seconds it took."""
    began = time.monotonic()
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=HANGS_AFTER
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return time.monotonic() - began


def killed(command: Sequence[object], cwd: Path, seconds: float) -> bool:
    """Run a command and kill it and its workers with SIGKILL after some seconds; False if it ended before."""
    with open(cwd / 'killed.log', 'a') as log:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=cwd, stdout=log, stderr=log, start_new_session=True
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
    assert code == 0, (cwd / 'killed.log').read_text()[-3000:]
    return False


def moments(count: int, seed: int = 0) -> list[float]:
    """When to kill runs, as a part of the time they take: not during the start, when nothing is done yet."""
    return np.random.default_rng(seed).uniform(0.3, 1.0, count).tolist()
