"""Score a folder of predictions: ``python tools/eval_masks.py``, the same as ``vosplug eval``."""

from vosplug.cli import tool

if __name__ == '__main__':
    tool('eval')
