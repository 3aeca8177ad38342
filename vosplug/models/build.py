"""Builds models from configs and checkpoints."""

import copy
import logging
from pathlib import Path
from typing import Any, TypeVar

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import BaseModule
from mmengine.registry import DefaultScope
from torch import nn

from ..checkpoint import load_weights
from ..config import DATA_ONLY, check_config, config_errors, load_config, merge_options
from ..errors import ConfigError
from ..registry import MODELS
from .zoo import find_zoo_model, zoo_models

Model = TypeVar('Model', bound=nn.Module)


def build_model(
    config: str | Path | Config, checkpoint: str | Path | None = None, cfg_options: dict | None = None
) -> Any:
    """The ``model`` of a config, with weights.

    Args:
        config: config file (a path, or one shipped with the package), a Config, or a name of
            :func:`zoo_models`, which includes weights. A config in Python is a program, which is run. A file
            that ends in ``.onnx`` gives a :class:`~vosplug.models.ONNXBoxInitializer`.
        checkpoint: weights; None keeps the initialisation of the config.
        cfg_options: config overrides, such as ``{'model.test_cfg.short_side': 240}``.

    Returns:
        nn.Module: the model; its ``cfg`` is the config.

    Raises:
        ConfigError: no such config or name, a config without a model, an unknown key, or pretrained weights
            of torchvision where it is not installed.
        CheckpointError: the checkpoint does not fit, or pretrained weights are missing.
    """
    if not isinstance(config, str | Path | Config):
        raise ConfigError(
            f'found a config of type {type(config).__name__}, expected a path, a name or a Config.'
        )
    if not isinstance(checkpoint, str | Path | None):
        raise ConfigError(
            f'checkpoint: found {checkpoint!r:.80}, expected the path of a file of weights, or None.'
        )
    if not isinstance(config, Config) and str(config).endswith('.onnx'):
        config, checkpoint = _onnx_config(config, checkpoint), None
    if isinstance(config, str) and not config.endswith(('.py', *DATA_ONLY)):
        config, weights = find_zoo_model(config)
        checkpoint = checkpoint or weights
    if isinstance(config, Config):
        config = copy.deepcopy(config)
        merge_options(config, {} if cfg_options is None else cfg_options)
        check_config(config)
    else:
        config = load_config(config, cfg_options)
    if 'model' not in config:
        raise ConfigError(f'{config.filename}: has no `model`; pass a whole config, not a part of one.')
    scope = config.get('default_scope', 'vosplug')
    with DefaultScope.overwrite_default_scope(scope), config_errors(config):
        model = MODELS.build(config.model)
        check_module(model)
        if checkpoint is None and isinstance(model, BaseModule):
            _init_weights(model)
    if checkpoint is not None:
        load_weights(model, checkpoint)
    model.cfg = config
    return model


def _onnx_config(file: str | Path, checkpoint: str | Path | None) -> Config:
    if checkpoint is not None:
        raise ConfigError(f'{file}: an ONNX file contains its weights; omit the checkpoint {checkpoint}.')
    # by name, since the module of box-to-mask models imports this one
    model = dict(type='vosplug.ONNXBoxInitializer', file=str(file))
    return Config(dict(default_scope='vosplug', model=model))


def check_module(model: Any) -> None:
    """Raise a ConfigError unless the ``model`` of a config is an nn.Module, which a Runner needs."""
    if not isinstance(model, nn.Module):
        kind = type(model).__name__
        raise ConfigError(
            f'model: {kind} is not an nn.Module. Wrap a tracker in a StreamingModel: '
            f'model = dict(type="StreamingModel", tracker=dict(type="{kind}")).'
        )


def check_tracker(model: object) -> None:
    """Raise a ConfigError unless a model tracks objects, as segmentors and streaming models do."""
    if not hasattr(model, 'stream'):
        raise ConfigError(
            f'{type(model).__name__} does not track objects; use a model that does, such as xmem-tiny-box.'
        )


def build_trained(config: str | Path, checkpoint: str | Path | None, kind: type[Model]) -> Model:
    """Build a trained model of one kind from a config or a name of the zoo.

    Raises:
        ConfigError: see :func:`build_model`; a config of another model, or one without weights.
        CheckpointError: the checkpoint does not fit.
    """
    if checkpoint is None and str(config) not in zoo_models():
        names = ', '.join(zoo_models())
        raise ConfigError(f'{config}: needs a checkpoint of trained weights; only {names} include them.')
    model = build_model(config, checkpoint)
    if not isinstance(model, kind):
        raise ConfigError(f'{config}: builds a {type(model).__name__}; use a config of {kind.__name__}.')
    return model


def checked_device(device: str | torch.device) -> torch.device:
    """A torch device that this machine has; raises a ConfigError otherwise."""
    try:
        checked = torch.device(device)
        torch.empty(0, device=checked)
    # AssertionError: PyTorch was built without CUDA
    except (RuntimeError, TypeError, ValueError, AssertionError) as error:
        reason = (str(error).splitlines() or [''])[0]
        raise ConfigError(
            f'device: found {device!r:.80}, expected a device of this machine, such as cpu or '
            f'cuda:0 ({reason:.200}).'
        ) from error
    return checked


def _init_weights(model: BaseModule) -> None:
    """Initialise weights by the config, without mmengine's report on every parameter."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        model.init_weights()
    finally:
        logger.setLevel(level)
