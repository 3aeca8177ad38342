"""Sphinx configuration: ``make docs``."""

import sys
from pathlib import Path

from vosplug.version import __version__

sys.path.insert(0, str(Path(__file__).parent))  # extensions of the site

project = 'vosplug'
author = 'vosplug contributors'
copyright = author
release = version = __version__

extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx.ext.viewcode',
    'results',
    'house',
]
myst_enable_extensions = ['colon_fence', 'dollarmath']
myst_heading_anchors = 3
exclude_patterns = ['_build']

autodoc_member_order = 'bysource'
autodoc_typehints = 'none'  # signatures show them
autodoc_default_options = {'members': True, 'show-inheritance': True}
add_module_names = False
napoleon_numpy_docstring = False

html_theme = 'furo'
html_title = f'vosplug {release}'
