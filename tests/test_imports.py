"""Imports are quick and quiet."""

import subprocess
import sys

import pytest

import vosplug
import vosplug.apis


def python(code: str) -> str:
    """What a fresh Python prints, on stdout and stderr."""
    done = subprocess.run(
        [sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize('module', ['vosplug', 'vosplug.apis'])
def test_importing_the_package_does_not_import_pytorch(module):
    heavy = {'torch', 'mmengine', 'mmcv', 'mmseg', 'cv2', 'numpy', 'matplotlib', 'scipy', 'rich'}
    heavy |= {'transformers'}  # of the extra sam2
    assert not python(f'import sys, {module}; print(*{heavy} & set(sys.modules))').strip()


def test_a_model_is_built_without_plots():
    """Drawing tools take half a second to import; they are for those who draw."""
    code = 'import sys; from vosplug.apis import init_model; print("matplotlib.pyplot" in sys.modules)'
    assert python(code).split() == ['False']


def test_everything_is_imported_without_foreign_messages():
    """MMSegmentation prints that a package is missing that nobody asked for; mmcv warns of its operators."""
    code = (
        'import vosplug.engine, vosplug.pseudo_labels, mmseg.datasets; from vosplug.apis import *; print(1)'
    )
    assert python(code) == '1\n'


def test_names_of_the_api_are_those_of_their_modules():
    assert all(getattr(vosplug.apis, name).__name__ == name for name in vosplug.apis.__all__)
    assert set(vosplug.apis.__all__) == set(vosplug.apis._MODULES) <= set(dir(vosplug.apis))
    with pytest.raises(AttributeError, match='init_modle'):
        vosplug.apis.init_modle  # noqa: B018


def test_a_folder_of_its_name_does_not_hide_the_package(tmp_path, monkeypatch):
    """A checkout, for instance, beside which a user's script lies."""
    (tmp_path / 'vosplug').mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('PYTHONPATH', raising=False)
    assert python('import vosplug; print(vosplug.__version__)').strip() == vosplug.__version__


def test_transformers_is_imported_for_its_optimizer_only(tmp_path):
    (tmp_path / 'transformers.py').write_text('from torch.optim import SGD as Adafactor')
    code = f"""
import sys; sys.path.insert(0, {str(tmp_path)!r})
import vosplug, mmengine.runner
from mmengine.optim import build_optim_wrapper
from torch import nn
print('transformers' in sys.modules)
cfg = dict(type='OptimWrapper', optimizer=dict(type='Adafactor', lr=3))
print(type(build_optim_wrapper(nn.Linear(1, 1), cfg).optimizer).__name__, 'transformers' in sys.modules)
"""
    before, *_, after = python(code).splitlines()  # mmengine says a word about names between them
    assert (before, after) == ('False', 'SGD True')
