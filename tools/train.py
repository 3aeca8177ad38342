"""Train a model: ``python tools/train.py``, the same as ``vosplug train``."""

from vosplug.cli import tool

if __name__ == '__main__':
    tool('train')
