"""Trained models that come with the package."""

from pathlib import Path

from ..checkpoint import read_checkpoint
from ..errors import ConfigError
from ..paths import ZOO, find_config


def zoo_models() -> list[str]:
    """Names that :func:`~vosplug.apis.init_model` accepts instead of a config."""
    return sorted(path.stem for path in ZOO.glob('*.safetensors'))


def find_zoo_model(name: str) -> tuple[Path, Path]:
    """Find the config and weights of a model in the zoo.

    Raises:
        ConfigError: no such model.
    """
    path = ZOO / f'{name}.safetensors'
    if name not in zoo_models():
        raise ConfigError(
            f'{name}: no model of this name comes with vosplug; available: {zoo_models()}. '
            'Names of configs end in .py.'
        )
    return find_config(read_checkpoint(path)['meta']['config']), path
