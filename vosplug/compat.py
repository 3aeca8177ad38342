"""Checks that every OpenMMLab package is installed exactly once, and hides a useless warning."""

import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# requirements of setup.py, also installed by the repair command
FAMILY = (
    'onedl-mmengine>=0.10.12,<0.11',
    'onedl-mmcv>=2.3.6,<2.4',
    'onedl-mmsegmentation>=1.4.2,<1.5',
)

# module -> the distributions that install it
PROVIDERS = {
    'mmengine': ('onedl-mmengine', 'mmengine', 'mmengine-lite'),
    'mmcv': ('onedl-mmcv', 'mmcv', 'mmcv-lite'),
    'mmseg': ('onedl-mmsegmentation', 'mmsegmentation'),
}


def check_environment() -> None:
    """Check the installed packages' metadata, without importing them.

    The maintained forks (``onedl-*``) and the original packages install modules of the same names. pip
    allows both, and the one installed last overwrites files of the other, which causes unrelated errors.

    Raises:
        ImportError: a module is provided by two distributions, or by none.
    """
    found = {module: installed(names) for module, names in PROVIDERS.items()}
    install = 'pip install ' + ' '.join(f'"{requirement}"' for requirement in FAMILY)
    doubled = {module: names for module, names in found.items() if len(names) > 1}
    if doubled:
        lines = [
            f'  {module}: ' + ' and '.join(f'{n} {v}' for n, v in names.items())
            for module, names in doubled.items()
        ]
        every = ' '.join(name for names in found.values() for name in names)
        raise ImportError(
            'vosplug: packages that overwrite each other are installed together:\n'
            + '\n'.join(lines)
            + '\nExpected one package per module. Remove them all, then install one distribution:\n'
            + f'  pip uninstall -y {every}\n  {install}\n'
            + 'To keep the original packages instead, see docs/troubleshooting.md.'
        )
    missing = [module for module, names in found.items() if not names]
    if missing:
        raise ImportError(
            f'vosplug: needs {", ".join(PROVIDERS)}; not installed: {", ".join(missing)}. '
            f'Install them:\n  {install}'
        )


def asks_doctor() -> bool:
    """Whether this is ``vosplug doctor``, which reports wrong packages instead of failing."""
    program = Path(sys.argv[0]).stem if sys.argv else ''
    # -m: the program's name while Python imports a package that it will run
    return program in ('vosplug', '-m', '__main__') and sys.argv[1:2] == ['doctor']


def hide_import_warning() -> None:
    """Hide the one warning that mmcv gives whenever it is imported without compiled operators.

    vosplug uses none of them, and PyPI's mmcv has none, so every user would see it at every start. All other
    warnings, mmcv's too, are shown.
    """
    warnings.filterwarnings(
        'ignore',
        message='Fail to import ``MultiScaleDeformableAttention``',
        category=UserWarning,
        module=r'mmcv\.cnn\.bricks\.transformer',
    )


def installed(names: tuple[str, ...]) -> dict[str, str]:
    """Name -> version of those distributions that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
