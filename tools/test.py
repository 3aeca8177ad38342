"""Test a model: ``python tools/test.py``, the same as ``vosplug test``."""

from vosplug.cli import tool

if __name__ == '__main__':
    tool('test')
