"""Config loading, with errors that name the file and the key."""

import difflib
import inspect
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner

from .errors import ConfigError
from .paths import find_config

# keys read by from_cfg or the tools besides the Runner's arguments
_EXTRA_KEYS = {'compile', 'auto_scale_lr', 'data_preprocessor', 'custom_imports', 'seed', 'total_batch_size'}


def load_config(path: str | Path, options: dict | None = None) -> Config:
    """Read a config and apply ``--cfg-options``.

    Raises:
        ConfigError: no such file, a file that does not parse, or an unknown key.
    """
    path = find_config(path)
    try:
        cfg = Config.fromfile(path)
    except Exception as error:  # a config is code and may raise anything
        raise ConfigError(f'{path}: cannot be read as a config ({type(error).__name__}: {error}).') from error
    known = set(inspect.signature(Runner.__init__).parameters) - {'self', 'cfg'} | _EXTRA_KEYS
    for key in {name.split('.')[0] for name in options or {}} - known - set(cfg.keys()):
        close = difflib.get_close_matches(key, known | set(cfg.keys()), 1)
        raise ConfigError(
            f'--cfg-options {key}=...: {path} has no key {key!r}.'
            + (f' Did you mean {close[0]!r}?' if close else '')
        )
    for key in set(cfg.keys()) - known:
        close = difflib.get_close_matches(key, known, 1, cutoff=0.8)
        if close:
            raise ConfigError(f'{path}: unknown key {key!r}. Did you mean {close[0]!r}?')
    if options:
        cfg.merge_from_dict(options)
    return cfg


@contextmanager
def config_errors(cfg: Config) -> Iterator[None]:
    """Context manager around the building of components: errors about wrong keys name the config file.

    mmengine builds loops, datasets and metrics when a run starts, so use it around ``runner.train()``
    too. Errors of running code propagate unchanged.

    Raises:
        ConfigError: a component does not exist or does not take a key it was given.
    """
    where = cfg.filename or 'config'
    try:
        yield
    except ConfigError as error:
        if str(error).startswith(str(where)):
            raise
        raise ConfigError(f'{where}: {error}') from error
    except (TypeError, KeyError) as error:
        if not _is_build_error(error):
            raise
        reason = str(error.args[0]).split(' Please check')[0]
        raise ConfigError(f'{where}: {reason}') from error


def _is_build_error(error: TypeError | KeyError) -> bool:
    """Whether a config names an unknown component, or a key that its component does not take."""
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, KeyError):
        return frames[-1] == 'build_from_cfg'
    wrong_call = '__init__() got an unexpected' in str(error) or '__init__() missing' in str(error)
    return wrong_call and not {'build_from_cfg', 'build_dataloader'}.isdisjoint(frames)
