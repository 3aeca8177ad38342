"""Make masks from boxes, as a dataset: ``python tools/pseudo_label.py``, the same as ``vosplug label``."""

from vosplug.cli import tool

if __name__ == '__main__':
    tool('label')
