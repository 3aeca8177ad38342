"""Parts of a package that need not be known here are found by their scope."""

import sys

import pytest
from mmengine.registry import MODELS as ROOT
from mmengine.registry import DefaultScope
from small_models import small_stm

from vosplug.registry import MODELS

REGISTRY = """
from mmengine.registry import MODELS as ROOT, Registry

MODELS = Registry('model', parent=ROOT, scope='mmtrack', locations=['mmtrack.models'])
"""
MODELS_FILE = """
from mmseg.models import ResNet
from .registry import MODELS


@MODELS.register_module()
class TrackerBackbone(ResNet):
    pass
"""


@pytest.fixture
def mmtrack(tmp_path, monkeypatch):
    """A package of MMTracking's name and layout, gone after the test."""
    if 'mmtrack' in ROOT.children:
        pytest.skip('MMTracking itself is loaded')
    for name, content in (('__init__', ''), ('registry', REGISTRY), ('models', MODELS_FILE)):
        path = tmp_path / 'mmtrack' / f'{name}.py'
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    ROOT.children.pop('mmtrack', None)
    for name in [name for name in sys.modules if name.split('.')[0] == 'mmtrack']:
        del sys.modules[name]


@pytest.mark.parametrize('scope', ['vosplug', 'mmseg', 'mmtrack'])
def test_a_part_of_mmtracking_goes_into_a_segmentor_by_its_scope(mmtrack, scope):
    config = small_stm()
    config['backbone']['type'] = 'mmtrack.TrackerBackbone'
    with DefaultScope.overwrite_default_scope(scope):
        model = MODELS.build(config)
    assert type(model.backbone).__module__ == 'mmtrack.models'


def test_under_its_scope_no_prefix_is_needed(mmtrack):
    config = small_stm()
    config['backbone']['type'] = 'TrackerBackbone'
    with DefaultScope.overwrite_default_scope('mmtrack'):
        model = MODELS.build(config)
    assert type(model.backbone).__module__ == 'mmtrack.models'
