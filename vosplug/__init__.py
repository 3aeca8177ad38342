"""Video object segmentation on OpenMMLab's engine, with boxes as first-class annotations."""

from .compat import check_environment, hide_import_warning
from .version import __version__

__all__ = ['__version__']

check_environment()
hide_import_warning()
