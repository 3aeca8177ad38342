"""Configs of packages as bases, such as ``_base_ = 'vosplug::stm/stm_r50_static.py'``."""

from mmengine.config import Config, utils

from ..errors import ConfigError
from ..files import is_file
from ..paths import config_root

_PREFIX = 'vosplug::'
_of_other_packages = Config._get_cfg_path


def know_packages() -> None:
    """Let mmengine find vosplug's configs, and MMSegmentation's under either name of its distribution."""
    Config._get_cfg_path = staticmethod(_path_of_base)
    utils.MODULE2PACKAGE['mmseg'] = 'mmseg'  # the module, which both distributions install


def _path_of_base(base: str, config: str) -> tuple[str, str | None]:
    """Path of a base that a config names, and the scope of the package it comes from."""
    if not base.startswith(_PREFIX):
        return _of_other_packages(base, config)
    path = config_root() / base.removeprefix(_PREFIX)
    if not is_file(path):
        raise ConfigError(f'{base}: no such config file among those in {config_root()}.')
    return str(path), None
