"""Reading, checking and export of configs; errors name the file and the key."""

from .arguments import check_arguments
from .data_only import DATA_ONLY, write_data_config
from .load import check_config, config_errors, load_config, require_keys
from .options import merge_options
from .package_bases import know_packages
from .schema import TEST_OPTIONS, check_test_options

__all__ = [
    'DATA_ONLY',
    'TEST_OPTIONS',
    'check_arguments',
    'check_config',
    'check_test_options',
    'config_errors',
    'load_config',
    'merge_options',
    'require_keys',
    'write_data_config',
]

know_packages()
