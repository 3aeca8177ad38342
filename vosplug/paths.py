"""Paths of the shipped configs and models, in a repository clone or an installed wheel."""

from pathlib import Path

from .errors import ConfigError
from .files import is_dir, is_file, shown_path

_PACKAGE = Path(__file__).parent
ZOO = _PACKAGE / 'zoo'


def config_root() -> Path:
    """Folder of the shipped configs."""
    inside = _PACKAGE / '.mim' / 'configs'
    return inside if is_dir(inside) else _PACKAGE.parent / 'configs'


def find_config(path: str | Path) -> Path:
    """Find a config by path, or by its path below the shipped ``configs/``.

    Raises:
        ConfigError: neither exists.
    """
    for candidate in (Path(path), config_root() / path):
        if is_file(candidate):
            return candidate
    raise ConfigError(
        f'{shown_path(path)}: no such config file, neither here nor among those in {config_root()}.'
    )
