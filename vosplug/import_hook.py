"""Installs safe loading of weights when mmengine is about to load some, without importing it now.

``import vosplug`` takes a fraction of a second, mmengine's Runner with PyTorch many times that. So whatever
imports the Runner first, in a tool or in a user's script, imports :mod:`vosplug.checkpoint` right after
mmengine's loader of checkpoints, which from then on reads them as data.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_LOADER = 'mmengine.runner.checkpoint'


def make_checkpoints_safe() -> None:
    """Install safe loading now, if mmengine's loader is imported already, or else when it is."""
    if any(isinstance(finder, _AfterLoader) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _AfterLoader())
    if _LOADER in sys.modules:
        _install()


def _install() -> None:
    checkpoint = import_module('vosplug.checkpoint')
    # it installs itself at the end of its own import, which may be what imports mmengine's loader
    if hasattr(checkpoint, 'use_safe_checkpoints'):
        checkpoint.use_safe_checkpoints()


class _AfterLoader(MetaPathFinder):
    """Finds mmengine's loader of checkpoints as others do, and installs ours after it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As all finders; None leaves a module to the others."""
        if fullname != _LOADER:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in found if spec), None)
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def execute_and_install(module: ModuleType) -> None:
                execute(module)
                _install()

            spec.loader.exec_module = execute_and_install  # type: ignore[method-assign]
        return spec
