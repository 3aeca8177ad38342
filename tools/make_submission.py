"""Pack results for a server: ``python tools/make_submission.py``, the same as ``vosplug submit``."""

from vosplug.cli import tool

if __name__ == '__main__':
    tool('submit')
