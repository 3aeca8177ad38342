"""Annotation files are read and written without the deep-learning stack."""

import subprocess
import sys


def test_no_format_imports_torch_or_mmengine():
    code = """
import importlib, pkgutil, sys
import vosplug.formats
for module in pkgutil.walk_packages(vosplug.formats.__path__, 'vosplug.formats.'):
    importlib.import_module(module.name)
loaded = set(sys.modules)
print("vosplug.formats.exchange.cvat" in loaded, {'torch', 'mmengine'} & loaded)
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'True set()'
