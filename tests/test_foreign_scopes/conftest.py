"""Puts this folder on the path, and that of the small models."""

import sys
import types
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / 'test_models'))


@pytest.fixture
def mmdet(monkeypatch) -> types.ModuleType:
    """MMDetection, also beside an mmcv without compiled operators: what is tested here uses none of them."""
    pytest.importorskip('mmdet', reason='onedl-mmdetection is not installed; `pip install vosplug[mmdet]`')
    try:
        import mmcv._ext  # noqa: F401
    except ModuleNotFoundError:
        monkeypatch.setitem(sys.modules, 'mmcv._ext', _NoOperators('mmcv._ext'))
    import mmdet.models

    return mmdet


class _NoOperators(types.ModuleType):
    """Has every operator that mmcv looks for when it is imported; a call of one fails."""

    def __getattr__(self, name: str) -> object:
        if name.startswith('__'):
            raise AttributeError(name)
        return None
