"""Loading of configs, with errors that name the file and the key."""

import logging
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import MMLogger, print_log
from mmengine.utils import manager

from ..errors import ConfigError, VOSError
from ..paths import find_config
from .data_only import (
    check_names,
    check_nested,
    is_data_only,
    no_imports,
    read_data_config,
    registered_names,
)
from .options import merge_options
from .schema import RUN_KEYS, RunConfig, check_keys, check_types, did_you_mean

_OWN_COMPONENT = (
    ' To register a component of your own, import its module: custom_imports = dict(imports=[...]) in the '
    'config.'
)
_COLLATE = 'default_collate: batch must contain'
# keys of the configs of MMCV 1, which a Runner ignores
_FORMER_KEYS = dict(
    optimizer='optim_wrapper.optimizer',
    optimizer_config='optim_wrapper',
    lr_config='param_scheduler',
    runner='train_cfg',
    data='train_dataloader, val_dataloader and test_dataloader',
    evaluation='val_evaluator and train_cfg.val_interval',
    checkpoint_config='default_hooks.checkpoint',
    log_config='default_hooks.logger and visualizer',
)


def load_config(path: str | Path, options: dict | None = None) -> Config:
    """Read a config, apply ``--cfg-options`` and check it.

    A config that ends in ``.py`` is a program: loading runs it, with your permissions. One that ends in
    ``.yaml``, ``.yml`` or ``.json`` is data: none of it is run, now or when its components are built.

    Raises:
        ConfigError: no such file, a file that does not parse, an unknown key, or a value of the wrong type;
            for a data-only config also anything that would run arbitrary code.
    """
    path = find_config(path)
    check_nested(path)
    if is_data_only(path):
        cfg = read_data_config(path)
    else:
        try:
            with _without_substitutions():
                cfg = Config.fromfile(path)
        except Exception as error:  # a config is code and may raise anything
            raise ConfigError(
                f'{path}: cannot be read as a config ({type(error).__name__}: {error}).'
            ) from error
    # formatting by yapf takes up to a second, and a Runner asks for the text five times and for each
    # checkpoint; `fromfile` ignores mmengine's option to turn it off
    object.__setattr__(cfg, '_format_python_code', False)
    merge_options(cfg, {} if options is None else options)
    check_config(cfg)
    if 'model' in cfg:
        _log_unused(cfg, path)
    return cfg


@contextmanager
def _without_substitutions() -> Iterator[None]:
    """Suppress mmengine's log line for each environment variable of each base; the config has the values."""

    def is_other(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith('Using env variable')

    logger = MMLogger.get_current_instance()
    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def check_config(cfg: Config) -> None:
    """Raise a ConfigError that names the config and its first wrong key."""
    where = cfg.filename or 'config'
    try:
        check_keys(cfg._cfg_dict, RunConfig)
        check_types(cfg._cfg_dict)
        _check_top_keys(cfg)
        if cfg.filename and is_data_only(cfg.filename):
            check_names(cfg)
    except ConfigError as error:
        raise ConfigError(f'{where}: {error}') from error.__cause__


def require_keys(cfg: Config, keys: Iterable[str], tool: str) -> None:
    """Raise a ConfigError unless a config has the keys that a tool needs.

    Args:
        cfg: to check.
        keys: such as ``test_dataloader.dataset``; with ``test_evaluator=[]`` nothing is scored.
        tool: its name in the message.
    """
    for key in keys:
        value: Any = cfg
        for part in key.split('.'):
            value = value.get(part) if isinstance(value, Mapping | Config) else None
        if value is None or (value == [] and key != 'test_evaluator'):
            raise ConfigError(
                f'{cfg.filename or "config"}: {key}: is missing, but {tool} needs it. Give a whole config, '
                'not a part of one.'
            )


def _check_top_keys(cfg: Config) -> None:
    """Reject misspelt keys, and those of older configs."""
    others = [key for key in cfg if key not in RUN_KEYS]
    plain = {_plain(key): key for key in RUN_KEYS}
    for key in others:
        same = plain.get(_plain(key))
        if same and not _is_used(cfg, key):
            raise ConfigError(f'unknown key {key!r}. Did you mean {same!r}?')
        hint = did_you_mean(key, sorted(RUN_KEYS), cutoff=0.8)
        if hint != '.':
            raise ConfigError(f'unknown key {key!r}{hint}')
    for key in set(others) & set(_FORMER_KEYS):
        if not _is_used(cfg, key):
            raise ConfigError(
                f'{key!r} is a key of older OpenMMLab configs and has no effect; use {_FORMER_KEYS[key]}.'
            )


def _log_unused(cfg: Config, path: Path) -> None:
    """Log the file's own keys without effect; its bases may define more than is used."""
    own = path.read_text(encoding='utf-8')
    keys = [
        key for key in cfg if key not in RUN_KEYS and re.search(rf'^"?{re.escape(key)}"?\s*[=:]', own, re.M)
    ]
    unused = [key for key in keys if not _is_used(cfg, key)]
    if unused:
        print_log(f'{path}: keys without effect: {", ".join(unused)}.', 'current', logging.WARNING)


def _plain(key: str) -> str:
    return key.lower().replace('_', '').removesuffix('s')


def _is_used(cfg: Config, key: str) -> bool:
    """Whether a variable's name occurs elsewhere in the config, or its value under a key in use."""
    if len(re.findall(rf'\b{re.escape(key)}\b', cfg.text)) > 1:
        return True
    return any(_contains(cfg[name], cfg[key]) for name in cfg if name in RUN_KEYS)


def _contains(tree: Any, value: Any) -> bool:
    if type(tree) is type(value) and tree == value:
        return True
    parts = tree.values() if isinstance(tree, Mapping) else tree if isinstance(tree, list | tuple) else ()
    return any(_contains(part, value) for part in parts)


@contextmanager
def config_errors(cfg: Config) -> Iterator[None]:
    """Context manager for building components: errors about wrong keys name the config file.

    mmengine builds loops, datasets and metrics when a run starts, so use it around ``runner.train()``
    too. Errors of running code propagate unchanged. Inside, a data-only config imports nothing.

    Raises:
        ConfigError: a component does not exist, or cannot be built from the keys that it was given.
    """
    where = cfg.filename or 'config'
    try:
        with (
            _free_managers(),
            no_imports() if cfg.filename and is_data_only(cfg.filename) else nullcontext(),
        ):
            yield
    except ConfigError as error:
        if str(error).startswith(str(where)):
            raise
        raise ConfigError(f'{where}: {_built_key(error, cfg)}{error}') from error
    except VOSError:
        raise
    except Exception as error:  # constructors check their arguments in many ways
        if not _is_build_error(error):
            raise
        raise ConfigError(f'{where}: {_built_key(error, cfg)}{_reason(error)}') from error


@contextmanager
def _free_managers() -> Iterator[None]:
    """Release the lock of mmengine's loggers and visualizers, which it keeps if one cannot be built.

    Other threads of a program that keeps running, such as a server, would wait for it forever.
    """
    try:
        yield
    except BaseException:
        while manager._lock._is_owned():
            manager._lock.release()
        raise


def _is_build_error(error: Exception) -> bool:
    """Whether a component could not be built."""
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    building = {'build_from_cfg', 'build_dataloader', '_load_checkpoint_with_prefix'}
    if isinstance(error, TypeError | ValueError | LookupError | AttributeError):
        building.add('from_cfg')  # the Runner's; other errors there are the machine's, such as lack of memory
    return not building.isdisjoint(frames) or _COLLATE in str(error)


def _reason(error: Exception) -> str:
    """Why a component could not be built, and which one."""
    message = str(error.args[0] if error.args else error).split(' Please check')[0].strip()
    if _COLLATE in message:  # possibly from a worker, whose traceback precedes it
        return f'collate_fn: {message[message.index(_COLLATE) :]}. Use the type pseudo_collate.'
    if 'must contain the key "type"' in message:
        return 'has no `type`, expected the name of a component there.'
    missing = re.match(r'(\S+) is not in the \w+::([\w ]+) registry', message)
    if missing:
        return message.rstrip('.') + did_you_mean(missing[1], registered_names(missing[2])) + _OWN_COMPONENT
    inner = traceback.extract_tb(error.__traceback__)[-1]
    if '__init__()' in message or inner.name in ('build_from_cfg', 'get'):
        return message
    return f'{message} ({type(error).__name__} in {inner.name} of {Path(inner.filename).name}:{inner.lineno})'


def _built_key(error: Exception, cfg: Config) -> str:
    """Key of the innermost component that could not be built, with a colon; '' if it is not in the config."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    given = [frame.f_locals.get('cfg') for frame in frames if frame.f_code.co_name == 'build_from_cfg']
    used = {key: cfg[key] for key in cfg if key in RUN_KEYS}  # other keys are variables
    for part in reversed(given):
        if isinstance(part, Mapping) and (path := _path_of(part, used)):
            return f'{path}: '
    return ''


def _path_of(part: Mapping, cfg: Any, path: str = '') -> str:
    """Key of a part of a config; '' if the config does not contain it."""
    items: Iterable = ()
    if isinstance(cfg, Mapping):
        if path and _is_of(part, cfg):
            return path
        items = ((f'{path}.{key}' if path else str(key), value) for key, value in cfg.items())
    elif isinstance(cfg, list | tuple):
        items = ((f'{path}[{index}]', value) for index, value in enumerate(cfg))
    found = (_path_of(part, value, key) for key, value in items)
    return next((key for key in found if key), '')


def _is_of(part: Mapping, cfg: Mapping) -> bool:
    """Whether a part matches a config, possibly with the class for its name and further arguments."""
    kind, name = part.get('type'), cfg.get('type')
    if isinstance(kind, type) and isinstance(name, str):
        same = kind.__name__ == name.split('.')[-1]
    else:
        same = kind == name
    return same and all(key in part and _equal(part[key], cfg[key]) for key in cfg if key != 'type')


def _equal(one: Any, two: Any) -> bool:
    return type(one) is type(two) and bool(one == two)
