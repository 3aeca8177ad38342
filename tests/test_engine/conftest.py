"""A tiny config, and the command-line tools without a new process; also puts this folder on the path."""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_run import TOOLS, write_config


@pytest.fixture
def config(tmp_path) -> Path:
    """A config file that trains 4 iterations and tests 3 videos in about two seconds."""
    return write_config(tmp_path / 'tiny.py')


@pytest.fixture
def tool(tmp_path, monkeypatch) -> Callable[..., None]:
    """Run ``tools/<name>.py`` with arguments, in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)

    def run(name: str, *args: object) -> None:
        monkeypatch.setattr(sys, 'argv', [f'{name}.py', *map(str, args)])
        runpy.run_path(str(TOOLS / f'{name}.py'), run_name='__main__')

    return run
