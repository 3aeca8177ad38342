"""Overrides of configs: ``--cfg-options`` and ``cfg_options``."""

import copy
from collections.abc import Mapping
from typing import Any

from mmengine.config import Config

from ..errors import ConfigError
from .schema import RUN_KEYS, did_you_mean


def merge_options(cfg: Config, options: dict) -> None:
    """Apply ``--cfg-options``; a ConfigError names those that do not fit.

    Where a config has the same settings for validation as for testing, options of ``test_dataloader`` and
    ``test_evaluator`` also apply to validation.
    """
    known = RUN_KEYS | set(cfg.keys())
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        raise ConfigError(
            f'--cfg-options, cfg_options: found {options!r:.80}, expected a dict of keys and values, such as '
            "{'model.test_cfg.short_side': 240}."
        )
    for name in options:
        key = name.split('.')[0]
        if key not in known:
            hint = did_you_mean(key, sorted(known))
            raise ConfigError(f'--cfg-options {key}=...: {cfg.filename} has no key {key!r}{hint}')
    alike = [part for part in ('dataloader', 'evaluator') if _validates_alike(cfg, part, options)]
    try:
        cfg.merge_from_dict(options)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ConfigError(
            f'{cfg.filename}: --cfg-options {", ".join(options)}: cannot be applied ({error}). Give keys of '
            'the config whose parents are dicts or lists.'
        ) from error
    for part in alike:
        cfg[f'val_{part}'] = copy.deepcopy(cfg[f'test_{part}'])


def _validates_alike(cfg: Config, part: str, options: Mapping[str, Any]) -> bool:
    """Whether ``val_<part>`` equals ``test_<part>``, and no option sets it."""
    val, test = f'val_{part}', f'test_{part}'
    chosen = any(name.split('.')[0] == val for name in options)
    return not chosen and cfg.get(val) is not None and cfg.get(val) == cfg.get(test)
