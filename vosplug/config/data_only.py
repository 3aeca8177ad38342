"""Data-only configs, YAML or JSON: read without running code, and written from any config.

A config in Python is a program. These are for services that accept configs from others: they hold plain
values, bases of the same kind, and components by their registered names only.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from mmengine import registry as root
from mmengine.config import Config, ConfigDict
from mmengine.registry import registry as lookup

from ..atomic import atomic_path
from ..errors import ConfigError
from ..files import is_file, shown_path
from ..paths import config_root
from .schema import RUN_KEYS, components

DATA_ONLY = ('.yaml', '.yml', '.json')
_SCOPES = ('vosplug', 'mmengine', 'mmcv', 'mmseg', 'mmdet')
_MAX_VALUES = 100_000
_MAX_DEPTH = 60
_MAX_BASES = 200

_building: ContextVar[bool] = ContextVar('building a data-only config', default=False)
_find_object, _import = lookup.get_object_from_string, lookup.import_module


def is_data_only(path: str | Path) -> bool:
    """Whether a config is data-only, by its suffix."""
    return Path(path).suffix in DATA_ONLY


# ------------------------------------------------------------------ reading


def read_data_config(path: Path) -> Config:
    """Read a data-only config with its bases.

    Raises:
        ConfigError: it does not parse, is not plain data, or names code.
    """
    merged = _merged(path, (), [0])
    try:
        return Config(merged, cfg_text=path.read_text(encoding='utf-8-sig'), filename=path)
    except KeyError as error:
        raise ConfigError(f'{path}: {error.args[0]}; rename this key.') from error


def _merged(path: Path, seen: tuple[Path, ...], count: list[int]) -> ConfigDict:
    """A config merged with its bases; ``count`` is the number of files read so far."""
    if path.resolve() in seen:
        raise ConfigError(f'{path}: is its own base; remove it from `_base_`.')
    count[0] += 1
    if count[0] > _MAX_BASES:
        raise ConfigError(f'{path}: more than {_MAX_BASES} bases are read; list each base only once.')
    data = _parsed(path)
    bases = data.pop('_base_', [])
    if not isinstance(bases, str | list):
        raise ConfigError(f'{path}: _base_: found {bases!r:.80}, expected a path or a list of paths.')
    merged = ConfigDict()
    for base in [bases] if isinstance(bases, str) else bases:
        if not isinstance(base, str) or not is_data_only(base) or '::' in base:
            raise ConfigError(
                f'{path}: _base_: found {base!r:.80}, expected a path that ends in one of {DATA_ONLY}.'
            )
        file = path.parent / base
        if not is_file(file):
            raise ConfigError(f'{path}: _base_: {shown_path(file)}: no such config file.')
        other = _merged(file, (*seen, path.resolve()), count)
        twice = sorted(merged.keys() & other.keys())
        if twice:
            raise ConfigError(f'{path}: two bases have the key {twice[0]!r}; keep one of them.')
        merged.update(other)
    merged.merge(data)
    return merged


def _parsed(path: Path) -> dict:
    try:
        text = path.read_text(encoding='utf-8-sig')
        data = json.loads(text) if path.suffix == '.json' else yaml.safe_load(text)
        if not isinstance(data, dict):
            raise ConfigError(f'{path}: holds a {type(data).__name__}, expected a dict of keys.')
        _check_plain(data, path)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f'{path}: cannot be read as a data-only config ({error}).') from error
    if 'custom_imports' in data:
        raise ConfigError(
            f'{path}: custom_imports runs code, which a data-only config may not; import the modules in your '
            'program, or use a config in Python.'
        )
    return data


def _check_plain(data: dict, path: Path) -> None:
    """Reject anything but plain data, and references that expand without bound."""
    todo: list[tuple[str, Any, int]] = [('', data, 0)]
    count = 0
    while todo:
        key, value, depth = todo.pop()
        count += 1
        if count > _MAX_VALUES or depth > _MAX_DEPTH:
            raise ConfigError(
                f'{path}: {key}: more than {_MAX_VALUES} values or {_MAX_DEPTH} levels, expected a config.'
            )
        if isinstance(value, dict):
            for name, item in value.items():
                if not isinstance(name, str):
                    raise ConfigError(
                        f'{path}: {key}: the key {name!r} is a {type(name).__name__}; quote it.'
                    )
                todo.append((f'{key}.{name}'.lstrip('.'), item, depth + 1))
        elif isinstance(value, list):
            todo.extend((f'{key}[{i}]', item, depth + 1) for i, item in enumerate(value))
        elif not isinstance(value, str | int | float | None):
            raise ConfigError(f'{path}: {key}: found a {type(value).__name__}, expected text or a number.')
        elif isinstance(value, str) and '{{' in value:
            raise ConfigError(
                f'{path}: {key}: found {value!r}; variables are not substituted here; write the value.'
            )


# ------------------------------------------------------------------ names of components


def check_names(cfg: Config) -> None:
    """Raise a ConfigError unless all names in a data-only config are registered components.

    mmengine would import any other name, such as ``os.system``.
    """
    if cfg.get('custom_imports'):
        raise ConfigError('custom_imports runs code, which a data-only config may not.')
    scope = cfg.get('default_scope') or 'vosplug'
    _check_scope(scope, 'default_scope')
    for path, component in components(cfg._cfg_dict):
        inner = component.get('_scope_', scope)
        _check_scope(inner, f'{path}._scope_')
        if component.get('decode_backend') == 'pickle':
            raise ConfigError(f'{path}.decode_backend: pickles can run code; convert the files to NumPy.')
        for key in ('type', 'constructor'):
            if key in component and not _is_registered(component[key], inner):
                raise ConfigError(
                    f'{path}.{key}: found {component[key]!r}, expected a registered component: a '
                    'data-only config imports nothing. Import the module that registers it in your program.'
                )


def _check_scope(scope: object, key: str) -> None:
    if not _is_scope(scope):
        raise ConfigError(f'{key}: found {scope!r}, expected one of {_SCOPES}, or a package imported before.')


def _is_registered(name: object, scope: str) -> bool:
    if not isinstance(name, str):
        return False
    given, _, key = name.rpartition('.')
    scopes = [given] if given else [scope, 'vosplug', 'mmengine']
    return any(_registers(scope, key) for scope in scopes if _is_scope(scope))


def _registers(scope: str, key: str) -> bool:
    """Whether a package has registered a component, of any kind."""
    if scope in ('vosplug', 'mmseg', 'mmdet'):
        try:
            import_module(f'{scope}.registry')
        except ImportError:
            return False
    for registry in vars(root).values():
        if isinstance(registry, root.Registry):
            own = registry if scope == registry.scope else registry.children.get(scope)
            if own is not None:
                own.import_from_location()
                if key in own.module_dict:
                    return True
    return False


def registered_names(kind: str) -> list[str]:
    """Names of all components of a kind, such as ``'model'``, that have been imported."""
    roots = [r for r in vars(root).values() if isinstance(r, root.Registry) and r.name == kind]
    return sorted({name for r in roots for part in (r, *r.children.values()) for name in part.module_dict})


@contextmanager
def no_imports() -> Iterator[None]:
    """Context manager in which mmengine builds registered components only, and no config is run."""
    lookup.get_object_from_string, lookup.import_module = _registered_only, _known_only
    token = _building.set(True)
    try:
        yield
    finally:
        _building.reset(token)


def _registered_only(name: str) -> Any:
    return None if _building.get() else _find_object(name)


def _known_only(name: str) -> Any:
    scope, _, module = name.rpartition('.')
    if _building.get() and module == 'registry' and not _is_scope(scope):
        raise ImportError(f'{name}: a data-only config imports nothing')
    return _import(name)


def _is_scope(name: object) -> bool:
    return name in _SCOPES or name in root.MODELS.children


def check_nested(path: Path) -> None:
    """Raise a ConfigError if a data-only config names a Python config, except for shipped ones."""
    if _building.get() and not is_data_only(path) and config_root().resolve() not in path.resolve().parents:
        raise ConfigError(
            f'{path}: a data-only config may not name a config in Python, whose code would run. Export it '
            'with tools/export_config.py.'
        )


# ------------------------------------------------------------------ writing


def write_data_config(cfg: Config, path: str | Path) -> None:
    """Write a config with its bases as one data-only file, without its variables, atomically.

    Args:
        cfg: config, possibly in Python; computed values are written as values, tuples as lists.
        path: ends in one of :data:`DATA_ONLY`.

    Raises:
        ConfigError: a value is not plain data, or the config imports modules.
    """
    path = Path(path)
    if not is_data_only(path):
        raise ConfigError(f'{path}: expected a name that ends in one of {DATA_ONLY}.')
    data = {key: _plain(value, key) for key, value in cfg.to_dict().items() if key in RUN_KEYS}
    if data.pop('custom_imports', None):
        raise ConfigError(
            f'{cfg.filename}: custom_imports runs code, which {path} cannot hold; import the modules in your '
            'program and remove it.'
        )
    text = json.dumps(data, indent=2) if path.suffix == '.json' else yaml.safe_dump(data, sort_keys=False)
    with atomic_path(path) as partial:
        partial.write_text(text, encoding='utf-8')


def _plain(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item, f'{key}.{name}') for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f'{key}[{i}]') for i, item in enumerate(value)]
    if isinstance(value, type):
        return f'{value.__module__}.{value.__qualname__}'
    if not isinstance(value, str | int | float | None):
        raise ConfigError(f'{key}: found {value!r}, which a data-only config cannot hold.')
    return value
