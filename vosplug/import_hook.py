"""Import hooks that adapt modules of mmengine and MMSegmentation when they are first imported.

``import vosplug`` takes a fraction of a second, mmengine's Runner with PyTorch many times that. So when a
tool or a user's script first imports the Runner, :mod:`vosplug.checkpoint` is imported right after mmengine's
checkpoint loader, which from then on reads checkpoints as data. MMSegmentation's datasets no longer print on
import that an unneeded package is missing. And mmengine, which would import all of transformers, where
installed, for one optimizer, imports it only when a config names that optimizer.
"""

import io
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_LOADER = 'mmengine.runner.checkpoint'
_DATASETS = 'mmseg.datasets'
_OPTIMIZERS = 'mmengine.optim.optimizer.builder'
_NEEDLESS = 'Could not import OneDL'

Execute = Callable[[ModuleType], None]


def watch_imports() -> None:
    """Install the import hooks; safe loading is installed now if mmengine's loader is imported already."""
    if any(isinstance(finder, _Around) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Around())
    if _LOADER in sys.modules:
        _install()


def _install() -> None:
    checkpoint = import_module('vosplug.checkpoint')
    # it installs itself at the end of its own import, which may be what imports mmengine's loader
    if hasattr(checkpoint, 'use_safe_checkpoints'):
        checkpoint.use_safe_checkpoints()


def _then_install(execute: Execute, module: ModuleType) -> None:
    execute(module)
    _install()


def _without_needless_lines(execute: Execute, module: ModuleType) -> None:
    """Execute a module without the debug message that MMSegmentation prints to stdout."""
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            execute(module)
    finally:
        lines = printed.getvalue().splitlines(keepends=True)
        sys.stdout.write(''.join(line for line in lines if line.strip() != _NEEDLESS))


def _without_transformers(execute: Execute, module: ModuleType) -> None:
    if 'transformers' in sys.modules or find_spec('transformers') is None:
        execute(module)
        return
    sys.modules['transformers'] = None  # type: ignore[assignment]  # makes an import fail
    try:
        execute(module)
    finally:
        del sys.modules['transformers']
    module.OPTIMIZERS.register_module(name='Adafactor', module=_adafactor)
    module.TRANSFORMERS_OPTIMIZERS.append('Adafactor')


def _adafactor(params: Any, **options: Any) -> Any:
    """The Adafactor optimizer of transformers."""
    return import_module('transformers').Adafactor(params, **options)


_AROUND = {
    _LOADER: _then_install,
    _DATASETS: _without_needless_lines,
    _OPTIMIZERS: _without_transformers,
}


class _Around(MetaPathFinder):
    """Finder that wraps the execution of the modules in ``_AROUND``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See ``MetaPathFinder``; None leaves a module to the other finders."""
        if fullname not in _AROUND:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in found if spec), None)
        if spec and spec.loader:
            execute, around = spec.loader.exec_module, _AROUND[fullname]
            spec.loader.exec_module = lambda module: around(execute, module)  # type: ignore[method-assign]
        return spec
