"""Checks of an installation: packages, extras, weights, data and folders; runs with broken packages, too."""

import importlib
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import Literal

from ..compat import FAMILY, PROVIDERS, installed
from ..errors import CheckpointError
from ..paths import ZOO, config_root
from .model_list import read_safetensors_header

Status = Literal['ok', 'warning', 'error']
PURPOSES = {
    'tensorboard': 'curves and overlays in TensorBoard (TensorboardVisBackend)',
    'wandb': 'curves and overlays in Weights & Biases (WandbVisBackend)',
    'scale': 'pseudo-labels of very many videos: manifests in Parquet, Ray clusters',
    'web': 'pages in the browser: vosplug review, vosplug demo --web',
    'onnx': 'masks from boxes by ONNX files: ONNXBoxInitializer, export_onnx',
    'sam2': 'SAM 2 as a tracker and for masks from boxes (SAM2Tracker, SAM2BoxInitializer)',
    'mmdet': 'components of MMDetection in configs',
}
FOR_DEVELOPERS = ('dev', 'docs', 'toolkits')
OPENCV = (
    'opencv-python',
    'opencv-python-headless',
    'opencv-contrib-python',
    'opencv-contrib-python-headless',
)
LITTLE_DISK, LITTLE_SHARED = 2**30, 2**27  # bytes


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes:
        group: what is checked, such as ``'packages'``.
        name: the item checked.
        status: ``'warning'``: something cannot be used; ``'error'``: vosplug cannot work as it is set up.
        found: what was found.
        advice: what to do; '' if nothing.
    """

    group: str
    name: str
    status: Status
    found: str
    advice: str = ''


def examine(work_dir: str | Path = 'work_dirs') -> list[Check]:
    """Run all checks.

    Args:
        work_dir: where trainings write; it need not exist.
    """
    return [
        *check_packages(),
        *check_modules(),
        *check_extras(),
        *check_weights(),
        *check_data(),
        check_writable(Path(work_dir)),
        *check_shared_memory(),
    ]


def report(checks: list[Check]) -> dict:
    """Machine-readable report; ``ok`` is False if any check is an error."""
    return dict(ok=all(c.status != 'error' for c in checks), checks=[asdict(check) for check in checks])


def check_packages() -> Iterator[Check]:
    """Versions, and distributions that overwrite each other; read from metadata, without imports."""
    python = platform.python_version()
    good = sys.version_info >= (3, 10)
    advice = '' if good else 'Use Python 3.10 or newer.'
    yield Check('packages', 'Python', 'ok' if good else 'error', f'{python}, {sys.executable}', advice)
    for name, least in (('torch', (2, 6)), ('numpy', (2, 0))):
        found = installed((name,)).get(name)
        wanted = '.'.join(map(str, least))
        if found is None or _numbers(found) < least:
            advice = f'Install {name} {wanted} or newer: pip install "{name}>={wanted}"'
            yield Check('packages', name, 'error', found or 'not installed', advice)
        else:
            yield Check('packages', name, 'ok', found)
    repair = 'pip install ' + ' '.join(f'"{requirement}"' for requirement in FAMILY)
    every = [name for names in PROVIDERS.values() for name in installed(names)]
    for module, names in PROVIDERS.items():
        there = installed(names)
        found = ' and '.join(f'{name} {number}' for name, number in there.items()) or 'not installed'
        if len(there) > 1:
            remove = f'pip uninstall -y {" ".join(every)}'
            advice = f'They overwrite each other. Remove all, install one: {remove}; {repair}'
            yield Check('packages', module, 'error', found, advice)
        else:
            yield Check('packages', module, *(('ok', found) if there else ('error', found, repair)))
    if len(several := installed(OPENCV)) > 1:
        advice = f'They overwrite each other: pip uninstall -y {" ".join(several)}; pip install opencv-python'
        yield Check('packages', 'cv2', 'warning', ' and '.join(several), advice)


def check_modules() -> Iterator[Check]:
    """Whether the packages can be imported, and what PyTorch computes on."""
    for module in ('torch', 'cv2', *PROVIDERS):
        problem = _import_problem(module)
        if problem:
            advice = f'Install the package of {module} again: pip install --force-reinstall'
            yield Check('packages', f'import {module}', 'error', problem, advice)
            if module == 'torch':
                return
        elif module == 'torch':
            yield _check_device()


def _import_problem(module: str) -> str:
    try:
        with redirect_stdout(sys.stderr):
            importlib.import_module(module)
    except Exception as error:  # a broken package may raise anything
        return f'{type(error).__name__}: {(str(error).splitlines() or [""])[0]:.200}'
    return ''


def _check_device() -> Check:
    import torch

    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
        return Check('packages', 'device', 'ok', f'CUDA {torch.version.cuda}: {", ".join(names)}')
    if torch.version.cuda:
        advice = 'Check the driver (nvidia-smi), or install a PyTorch that matches it: https://pytorch.org'
        return Check('packages', 'device', 'warning', 'PyTorch is built for CUDA but finds no GPU', advice)
    if torch.backends.mps.is_available():
        return Check('packages', 'device', 'ok', 'MPS (Apple GPU); --device mps')
    return Check('packages', 'device', 'ok', f'CPU, {torch.get_num_threads()} threads')


def check_extras() -> Iterator[Check]:
    """Optional packages, by the extras that vosplug declares."""
    from packaging.requirements import Requirement

    try:
        declared = metadata('vosplug')
    except PackageNotFoundError:
        yield Check(
            'extras', 'vosplug', 'warning', 'not installed', 'Install it: pip install -e . in its folder'
        )
        return
    requirements = [Requirement(text) for text in declared.get_all('Requires-Dist') or ()]
    for extra in declared.get_all('Provides-Extra') or ():
        if extra in FOR_DEVELOPERS:
            continue
        needed = [r for r in requirements if r.marker and r.marker.evaluate({'extra': extra})]
        needed = [r for r in needed if not r.marker.evaluate({'extra': ''})]
        missing = [r.name for r in needed if not installed((r.name,))]
        purpose = PURPOSES.get(extra, 'see setup.py')
        if missing:
            found = f'not installed: {", ".join(missing)}'
            yield Check('extras', extra, 'warning', found, f'For {purpose}: pip install "vosplug[{extra}]"')
        else:
            yield Check('extras', extra, 'ok', ', '.join(f'{r.name} {version(r.name)}' for r in needed))


def check_weights() -> Iterator[Check]:
    """Trained models that come with vosplug, and pretrained weights that trainings start from."""
    files = sorted(ZOO.glob('*.safetensors'))
    try:
        for file in files:
            read_safetensors_header(file)
    except CheckpointError as error:
        yield Check(
            'weights', 'models of vosplug', 'error', str(error), 'pip install --force-reinstall vosplug'
        )
    else:
        yield Check('weights', 'models of vosplug', 'ok', ', '.join(file.stem for file in files))
    # vosplug.checkpoint imports PyTorch, which may be what is broken
    if _import_problem('vosplug.checkpoint.pretrained'):
        return
    from ..checkpoint.pretrained import PRETRAINED

    for known in PRETRAINED:
        given = os.environ.get(known.variable)
        path = given or known.default
        if Path(path).is_file():
            yield Check('weights', known.variable, 'ok', path)
        elif given and '://' not in given:
            yield Check('weights', known.variable, 'error', f'{given}: no such file', known.advice)
        elif path.startswith('torchvision://') and installed(('torchvision',)):
            yield Check('weights', known.variable, 'ok', f'{path}: downloaded when a training needs it')
        elif given:
            yield Check('weights', known.variable, 'ok', given)
        else:
            found = f'not set; only needed to train configs that start from {known.network}'
            yield Check('weights', known.variable, 'warning', found, known.advice)


def check_data() -> Iterator[Check]:
    """Dataset folders, by the environment variables of the shipped configs."""
    named = re.compile(r'\{\{\$([A-Z0-9_]+_ROOT):([^}]+)\}\}')
    configs = sorted(config_root().rglob('*.py'))
    defaults = dict(pair for path in configs for pair in named.findall(path.read_text(encoding='utf-8')))
    absent = []
    for variable, default in sorted(defaults.items()):
        given = os.environ.get(variable)
        if Path(given or default).is_dir():
            yield Check('data', variable, 'ok', given or default)
        elif given:
            advice = 'Correct the variable, or unset it.'
            yield Check('data', variable, 'error', f'{given}: no such folder', advice)
        else:
            absent.append(variable)
    if absent:
        advice = 'Their configs need the variable, or the folder that docs/benchmarks or docs/datasets names.'
        yield Check('data', 'others', 'warning', f'not set: {", ".join(absent)}', advice)


def check_writable(work_dir: Path) -> Check:
    """Whether a training could write to its work dir, and how much space is free."""
    folder = next(path for path in (work_dir.absolute(), *work_dir.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = 'Give another folder: --work-dir, or change the permission.'
        return Check(
            'folders', 'work dir', 'error', f'{folder}: cannot be written ({error.strerror})', advice
        )
    free = shutil.disk_usage(folder).free
    found = f'{work_dir}: writable, {free / 2**30:.1f} GiB free'
    if free < LITTLE_DISK:
        return Check('folders', 'work dir', 'warning', found, 'Training fails on a full disk. Free space.')
    return Check('folders', 'work dir', 'ok', found)


def check_shared_memory() -> Iterator[Check]:
    """Shared memory, through which data workers send clips; containers have little of it."""
    folder = Path('/dev/shm')
    if folder.is_dir():
        total = shutil.disk_usage(folder).total
        little = total < LITTLE_SHARED
        advice = 'Data workers may crash: docker run --shm-size=2g, or num_workers=0.' if little else ''
        yield Check('folders', str(folder), 'warning' if little else 'ok', f'{total / 2**20:.0f} MiB', advice)


def _numbers(text: str) -> tuple[int, ...]:
    """The first two numbers of a version."""
    return tuple(int(part) for part in re.findall(r'\d+', text)[:2])
