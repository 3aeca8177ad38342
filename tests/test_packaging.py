"""What a wheel and an sdist carry, and that an installed wheel finds it."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

import vosplug

ROOT = Path(__file__).parents[1]
SOURCES = (
    'vosplug', 'configs', 'tools', 'projects', 'requirements', 'tests/test_packaging.py', 'docs/index.md',
    'setup.py', 'pyproject.toml', 'MANIFEST.in', 'README.md', 'LICENSE', 'model-index.yml',
)  # fmt: skip

FIND = """
from pathlib import Path
import vosplug
from vosplug.paths import config_root, find_config

here = Path(vosplug.__file__).parent / '.mim'
assert config_root() == here / 'configs', config_root()
from mmengine.config import Config
for config in (here / 'configs' / 'stm').glob('*.py'):
    assert Config.fromfile(find_config(config.relative_to(config_root()))).model.type
assert (here / 'tools' / 'train.py').is_file()
print(here)
"""


@pytest.fixture(scope='module')
def dist(tmp_path_factory):
    """An sdist, and a wheel built from that sdist."""
    source, out = tmp_path_factory.mktemp('source'), tmp_path_factory.mktemp('dist')
    for name in SOURCES:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name)
        else:
            shutil.copy(ROOT / name, source / name)
    run(sys.executable, '-m', 'build', '--no-isolation', '--outdir', out, source)
    return out


def run(*command, cwd=None, **env):
    """Run a command; fail with what it printed."""
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=env or None, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_wheel_installed_elsewhere_finds_its_configs_and_tools(dist, tmp_path):
    target = tmp_path / 'target'
    (wheel,) = dist.glob('*.whl')
    run(sys.executable, '-m', 'pip', 'install', '--no-deps', '--no-index', '--target', target, wheel)
    found = run(sys.executable, '-c', FIND, cwd=tmp_path, PYTHONPATH=str(target)).split()[-1]
    assert found == str(target / 'vosplug' / '.mim')
    help_text = run(
        sys.executable, target / 'vosplug/.mim/tools/train.py', '--help', cwd=tmp_path, PYTHONPATH=str(target)
    )
    assert '--resume' in help_text


@pytest.mark.slow
def test_wheel_carries_every_module_config_and_tool_once(dist):
    (wheel,) = dist.glob('*.whl')
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    assert not [n for n in names if '__pycache__' in n or n.startswith(('tests/', 'configs/', 'tools/'))]
    expected = {p.relative_to(ROOT).as_posix() for p in (ROOT / 'vosplug').rglob('*.py')}
    # what MIM looks up: the index, metafiles and configs; train.py, test.py and the launch scripts
    for folder in ('configs', 'tools', 'projects'):
        expected |= {
            f'vosplug/.mim/{p.relative_to(ROOT).as_posix()}'
            for p in (ROOT / folder).rglob('*')
            if p.is_file() and '__pycache__' not in p.parts
        }
    assert expected | {'vosplug/.mim/model-index.yml', 'vosplug/py.typed'} <= set(names)
    assert any(n.endswith('licenses/LICENSE') for n in names)


@pytest.mark.slow
def test_sdist_carries_configs_tools_docs_and_tests(dist):
    (path,) = dist.glob('*.tar.gz')
    with tarfile.open(path) as sdist:
        names = {n.split('/', 1)[-1] for n in sdist.getnames()}
    assert {'configs/stm', 'tools/train.py', 'docs/index.md', 'tests/test_packaging.py'} <= names
    assert not [n for n in names if '__pycache__' in n]


def test_pins_lie_within_the_ranges_of_the_package():
    from packaging.requirements import Requirement

    from vosplug.compat import FAMILY

    pins = [
        Requirement(line) for line in (ROOT / 'requirements.txt').read_text().splitlines() if line[0] != '#'
    ]
    pinned = {p.name: next(iter(p.specifier)).version for p in pins}
    for requirement in map(Requirement, FAMILY):
        assert requirement.specifier.contains(pinned[requirement.name]), requirement


def metafiles() -> dict[str, dict]:
    """Those of the model index, by the folder of their method."""
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    return {
        Path(name).parent.as_posix(): yaml.safe_load((ROOT / name).read_text()) for name in index['Import']
    }


def test_every_method_and_every_config_of_it_has_an_entry_of_its_own():
    methods = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob('configs/*/README.md')}
    assert set(metafiles()) == methods
    for method, metafile in metafiles().items():
        names = [model['Name'] for model in metafile['Models']]
        assert sorted(names) == sorted(path.stem for path in (ROOT / method).glob('*.py')), method
        (collection,) = metafile['Collections']
        assert (ROOT / collection['README']).is_file() and collection['Paper']['Title']
        for model in metafile['Models']:
            assert model['Config'] == f'{method}/{model["Name"]}.py'
            assert model['In Collection'] == collection['Name']


def test_entries_of_trained_models_have_weights_and_results():
    models = {m['Name']: m for metafile in metafiles().values() for m in metafile['Models']}
    for weights in (ROOT / 'vosplug/zoo').glob('*.safetensors'):
        model = models[weights.stem]
        assert model['Weights'] == weights.relative_to(ROOT).as_posix() and model['Results'], weights
    for model in models.values():
        assert (ROOT / model.get('Weights', 'README.md')).is_file()
        for result in model.get('Results', ()):
            assert set(result) == {'Task', 'Dataset', 'Metrics'}
            assert all(0 < value < 100 for value in result['Metrics'].values()), model


def test_results_are_those_of_the_readmes():
    """Every measured number is in the README of its method, or on the card of the model."""
    for method, metafile in metafiles().items():
        readme = (ROOT / method / 'README.md').read_text()
        for model in metafile['Models']:
            card = ROOT / 'vosplug/zoo' / f'{model["Name"]}.md'
            text = readme + (card.read_text() if card.exists() else '')
            for result in model.get('Results', ()):
                missing = [
                    v for v in result['Metrics'].values() if not re.search(rf'(?<![0-9.]){v}(?![0-9])', text)
                ]
                assert not missing, f'{model["Name"]}: {missing}'


def test_version_is_the_same_everywhere():
    assert re.search(r'^version: (.+)$', (ROOT / 'CITATION.cff').read_text(), re.M)[1] == vosplug.__version__


def test_hooks_before_a_commit_are_the_checks_of_make_lint():
    hooks = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text())['repos'][0]['hooks']
    commands = [hook['entry'].removeprefix('.venv/bin/').split(' --')[0] for hook in hooks]
    lint = (ROOT / 'Makefile').read_text().split('lint: install-dev')[1].split('\n\n')[0]
    assert commands == ['ruff check', 'ruff format', 'codespell']
    assert all(f'$(BIN)/{command}' in lint for command in commands)
