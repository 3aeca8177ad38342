"""Shipped models, configs and their results, read from files; does not import PyTorch."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import yaml

from ..errors import CheckpointError, ConfigError
from ..paths import ZOO, config_root

_STATISTICS = ('running_mean', 'running_var', 'num_batches_tracked')


@dataclass(frozen=True)
class ShippedConfig:
    """A config listed in a metafile.

    Attributes:
        name: file name without suffix.
        config: path below ``configs/``.
        method: collection of the config.
        model: name of the trained model with its weights; None: it has to be trained.
        results: measured here, as in the metafile: ``Task``, ``Dataset`` and ``Metrics`` in percent.
    """

    name: str
    config: str
    method: str
    model: str | None
    results: tuple[dict, ...]

    @property
    def scores(self) -> str:
        """The first result on one line; '' if there is none."""
        if not self.results:
            return ''
        numbers = ', '.join(f'{key} {value}' for key, value in self.results[0]['Metrics'].items())
        return f'{numbers} ({self.results[0]["Dataset"]})'


@dataclass(frozen=True)
class ShippedModel:
    """A trained model of the zoo.

    Attributes:
        name: name for ``init_model``.
        config: its shipped config.
        parameters: number of parameters.
        size_mb: file size in MiB.
        licence: licence of the weights.
    """

    name: str
    config: ShippedConfig
    parameters: int
    size_mb: float
    licence: str

    @property
    def task(self) -> str:
        """Task of the model, as in its metafile; '' if there is none."""
        return self.config.results[0]['Task'] if self.config.results else ''


def shipped_configs(pattern: str = '*') -> list[ShippedConfig]:
    """Shipped configs that match a pattern.

    Args:
        pattern: part of the path below ``configs/``, or a glob pattern such as ``stm/*davis16*``.

    Raises:
        ConfigError: no config matches.
    """
    known = [config for path in sorted(config_root().glob('*/metafile.yml')) for config in _entries(path)]
    wanted = pattern if any(letter in pattern for letter in '*?[') else f'*{pattern}*'
    found = [config for config in known if fnmatch(config.config, wanted) or fnmatch(config.name, wanted)]
    if not found:
        raise ConfigError(
            f'--configs {pattern!r:.80}: none of the {len(known)} shipped configs matches; expected part of '
            "a path below configs/, or a pattern such as 'stm/*davis16*'."
        )
    return found


def shipped_models() -> list[ShippedModel]:
    """Trained models, sorted by name."""
    configs = {config.model: config for config in shipped_configs() if config.model == config.name}
    return [_model(path, configs[path.stem]) for path in sorted(ZOO.glob('*.safetensors'))]


def _entries(metafile: Path) -> Iterator[ShippedConfig]:
    content = yaml.safe_load(metafile.read_text(encoding='utf-8'))
    for model in content['Models']:
        weights = model.get('Weights')
        yield ShippedConfig(
            model['Name'],
            model['Config'].removeprefix('configs/'),
            model['In Collection'],
            Path(weights).stem if weights else None,
            tuple(model.get('Results', ())),
        )


def _model(path: Path, config: ShippedConfig) -> ShippedModel:
    header = read_safetensors_header(path)
    licence = header.pop('__metadata__', {}).get('licence', 'unknown')
    sizes = (math.prod(entry['shape']) for name, entry in header.items() if not name.endswith(_STATISTICS))
    return ShippedModel(path.stem, config, sum(sizes), path.stat().st_size / 2**20, licence)


def read_safetensors_header(path: Path) -> dict:
    """Names, shapes and metadata of a weights file, without the weights.

    Raises:
        CheckpointError: the file is damaged or truncated.
    """
    try:
        with open(path, 'rb') as file:
            length = int.from_bytes(file.read(8), 'little')
            header = json.loads(file.read(min(length, path.stat().st_size)))
        ends = [entry['data_offsets'][1] for name, entry in header.items() if name != '__metadata__']
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f'{path}: cannot be read as safetensors ({error}). Install vosplug again.'
        ) from error
    if path.stat().st_size != 8 + length + max(ends, default=0):
        raise CheckpointError(f'{path}: its length does not match its header. Install vosplug again.')
    return header
