"""Train with box supervision, test and report: ``python tools/demo.py``, the same as ``vosplug demo``."""

from vosplug.cli import tool

if __name__ == '__main__':
    tool('demo')
