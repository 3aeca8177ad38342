"""Imports are quick and quiet."""

import subprocess
import sys

import pytest

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
