"""What needs optional packages says which ones."""

import sys

import pytest
from small_factory import box_factory, write_four_videos

from vosplug.errors import ConfigError
from vosplug.pseudo_labels import RayExecutor


def test_missing_packages_are_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'pyarrow', None)
    monkeypatch.setitem(sys.modules, 'ray', None)
    with pytest.raises(ConfigError, match='vosplug.scale'):
        box_factory(write_four_videos(tmp_path), manifest='parquet')
    with pytest.raises(ConfigError, match='vosplug.scale'):
        RayExecutor()
