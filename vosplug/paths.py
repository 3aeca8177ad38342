"""Paths of the shipped configs, in a repository clone or an installed wheel."""

from pathlib import Path

from .errors import ConfigError

_PACKAGE = Path(__file__).parent


def config_root() -> Path:
    """Folder of the shipped configs."""
    inside = _PACKAGE / '.mim' / 'configs'
    return inside if inside.is_dir() else _PACKAGE.parent / 'configs'


def find_config(path: str | Path) -> Path:
    """Find a config by path, or by its path below the shipped ``configs/``.

    Raises:
        ConfigError: neither exists.
    """
    for candidate in (Path(path), config_root() / path):
        if candidate.is_file():
            return candidate
    raise ConfigError(f'{path}: no such config file, neither here nor among those in {config_root()}.')
