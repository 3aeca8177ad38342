"""Video object segmentation on OpenMMLab's engine, with boxes as first-class annotations.

Importing it makes mmengine read checkpoints as data, even in scripts that use mmengine's Runner directly.
"""

from .compat import asks_doctor, check_environment, hide_import_warning
from .import_hook import watch_imports
from .version import __version__

__all__ = ['__version__']

if not asks_doctor():
    check_environment()
hide_import_warning()
watch_imports()
