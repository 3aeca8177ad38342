"""For every test; also puts this folder on the path, so that ``small_data`` can be imported."""

import os
import sys

import pytest
from hypothesis import settings

# small networks gain nothing from a second thread, and lose much where other processes want the cores too
os.environ.setdefault('OMP_NUM_THREADS', '1')

# no deadline: CI machines stall; no random seeds: a red test stays red
settings.register_profile('vosplug', deadline=None, derandomize=True, max_examples=50)
settings.load_profile('vosplug')


@pytest.fixture
def without_pyav(monkeypatch):
    """As if PyAV were not installed."""
    for module in ('structures.video_file', 'visualization.mp4'):
        monkeypatch.setattr(f'vosplug.{module}.has_pyav', lambda: False)


@pytest.fixture(autouse=True)
def free_managers():
    """mmengine keeps the lock of its visualizers if one cannot be built; threads would wait for it."""
    yield
    manager = sys.modules.get('mmengine.utils.manager')
    while manager and manager._lock._is_owned():
        manager._lock.release()


@pytest.fixture(autouse=True)
def no_default_scope():
    """As in a new process: in the scope that a Runner leaves, names are found that users would not find."""
    scopes = sys.modules.get('mmengine.registry.default_scope')
    if scopes:
        scopes.DefaultScope._instance_dict.clear()


@pytest.fixture(autouse=True)
def no_loggers():
    """mmengine keeps loggers by config and second: a run would write to the terminal of the test before."""
    logger = sys.modules.get('mmengine.logging.logger')
    if logger:
        logger.MMLogger._instance_dict.clear()
