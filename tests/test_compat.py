"""The check of installed packages, with made-up environments."""

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from vosplug import compat

MAINTAINED = {'onedl-mmengine': '0.10.12', 'onedl-mmcv': '2.3.6', 'onedl-mmsegmentation': '1.4.2'}
ORIGINAL = {'mmengine': '0.10.7', 'mmcv': '2.1.0', 'mmsegmentation': '1.2.2'}


@pytest.fixture
def environment(monkeypatch):
    """Pretend that exactly these distributions are installed."""

    def pretend(distributions):
        def version(name):
            if name not in distributions:
                raise PackageNotFoundError(name)
            return distributions[name]

        monkeypatch.setattr(compat, 'version', version)

    return pretend


@pytest.mark.parametrize('family', [MAINTAINED, ORIGINAL], ids=['maintained', 'original'])
def test_either_family_alone_is_fine(environment, family):
    environment(family)
    compat.check_environment()


@pytest.mark.parametrize('intruder', [*ORIGINAL, 'mmengine-lite', 'mmcv-lite'])
def test_two_packages_for_one_module_are_named_with_versions_and_a_repair(environment, intruder):
    environment({**MAINTAINED, intruder: '9.9.9'})
    with pytest.raises(ImportError) as caught:
        compat.check_environment()
    message = str(caught.value)
    assert f'{intruder} 9.9.9' in message
    uninstall = next(line for line in message.splitlines() if 'pip uninstall -y' in line)
    assert set(uninstall.split()[3:]) == {*MAINTAINED, intruder}
    assert all(f'"{requirement}"' in message for requirement in compat.FAMILY)


def test_only_the_doubled_modules_are_listed(environment):
    environment({**MAINTAINED, 'mmcv': '2.1.0'})
    with pytest.raises(ImportError) as caught:
        compat.check_environment()
    assert '  mmcv: onedl-mmcv 2.3.6 and mmcv 2.1.0\n' in str(caught.value)
    assert '  mmengine:' not in str(caught.value)


def test_missing_packages_are_named_with_the_command_that_installs_them(environment):
    environment({'onedl-mmengine': '0.10.12'})
    with pytest.raises(ImportError, match=r'not installed: mmcv, mmseg\.') as caught:
        compat.check_environment()
    assert 'pip install "onedl-mmengine>=0.10.12,<0.11"' in str(caught.value)


def test_importing_vosplug_loads_neither_torch_nor_mmengine():
    heavy = "{'torch', 'numpy', 'cv2', 'mmengine', 'mmcv', 'mmseg'}"
    code = f'import sys, vosplug; loaded = {heavy} & set(sys.modules); assert not loaded, loaded'
    subprocess.run([sys.executable, '-c', code], check=True)


@pytest.mark.parametrize(
    'code',
    [
        'import vosplug.apis',
        'import vosplug, mmseg.models',
        "from vosplug.apis import init_model; init_model('xmem-tiny-box'); init_model('box2seg-tiny')",
        "from vosplug.apis import init_model; init_model('stm/stm_tiny_synthetic-box.py')",
    ],
)
def test_imports_and_models_print_nothing(code):
    env = {**os.environ, 'DAVIS2016_ROOT': 'data', 'MOBILENETV2_WEIGHTS': 'weights.pth'}
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout + done.stderr == ''


def test_other_warnings_of_the_same_place_are_shown():
    attention, place = '``MultiScaleDeformableAttention``', 'mmcv.cnn.bricks.transformer'
    code = f"""
import warnings, vosplug
warnings.warn_explicit('Fail to import {attention}', UserWarning, 'a', 1, 'mine')
warnings.warn_explicit('Fail to import others', UserWarning, 'b', 1, {place!r})
warnings.warn_explicit('Fail to import {attention}', UserWarning, 'c', 1, {place!r})
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stderr.count('UserWarning') == 2


def test_the_check_reads_each_distribution_once(monkeypatch):
    """It runs at every import, so it must not scan all that is installed."""
    asked = []
    real = compat.version
    monkeypatch.setattr(compat, 'version', lambda name: (asked.append(name), real(name))[1])
    compat.check_environment()
    assert sorted(asked) == sorted(name for names in compat.PROVIDERS.values() for name in names)
