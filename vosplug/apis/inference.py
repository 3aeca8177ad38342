"""Config and checkpoint to a model ready to stream."""

import copy
import logging
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope

from ..engine.checkpoint import load_weights
from ..engine.runner import load_config, naming_config
from ..errors import ConfigError
from ..models.segmentors import BaseVideoSegmentor, Box2Seg
from ..registry import MODELS
from .zoo import find_zoo_model, zoo_models


def init_model(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    device: str = 'cpu',
    cfg_options: dict | None = None,
) -> BaseVideoSegmentor | Box2Seg:
    """Build a model for inference.

    Args:
        config: config file (a path, or one shipped with the package such as
            ``'xmem_box/xmem_tiny_synthetic-box.py'``), a Config, or a name of
            :func:`~vosplug.apis.zoo_models`, which brings its weights along.
        checkpoint: weights; None leaves the model as its config initialises it.
        device: torch device.
        cfg_options: changes to the config, such as ``{'model.test_cfg.short_side': 240}``.

    Returns:
        BaseVideoSegmentor: in eval mode; call ``model.stream(source, prompts)``. A config of Box2Seg gives
        that network, for :class:`~vosplug.pseudo_labels.Labeller`. ``model.cfg`` is the config.

    Raises:
        ConfigError: no such config or name, a config without a model, or a key nobody reads.
        CheckpointError: the checkpoint does not fit.
    """
    if isinstance(config, str) and not config.endswith('.py'):
        config, weights = find_zoo_model(config)
        checkpoint = checkpoint or weights
    if isinstance(config, Config):
        config = copy.deepcopy(config)
        config.merge_from_dict(cfg_options or {})
    else:
        config = load_config(config, cfg_options)
    if 'model' not in config:
        raise ConfigError(f'{config.filename}: has no `model`; pass a whole config, not a part of one.')
    init_default_scope('vosplug')
    with naming_config(config):
        model = MODELS.build(config.model)
    if checkpoint is None:
        _init_weights(model)
    else:
        load_weights(model, checkpoint)
    model.cfg = config
    return model.to(device).eval()


def init_box2seg(
    config: str | Path,
    checkpoint: str | Path | None = None,
    device: str = 'cpu',
    cfg_options: dict | None = None,
) -> Box2Seg:
    """Build a trained network that turns boxes into masks.

    Args:
        config: a path, a shipped config, or a name; ``'box2seg-tiny'`` comes with the package.
        checkpoint: weights; needed by configs, while a name brings its own.
        device: torch device.
        cfg_options: see :func:`init_model`.

    Raises:
        ConfigError: see :func:`init_model`; a config of another model, or one without weights.
        CheckpointError: the checkpoint does not fit.
    """
    if checkpoint is None and str(config) not in zoo_models():
        names = ', '.join(zoo_models())
        raise ConfigError(f'{config}: needs a checkpoint of trained weights; only {names} bring their own.')
    model = init_model(config, checkpoint, device, cfg_options)
    if not isinstance(model, Box2Seg):
        raise ConfigError(f'{config}: builds a {type(model).__name__}; use a config of Box2Seg.')
    return model


def _init_weights(model: BaseVideoSegmentor) -> None:
    """As the config says, without mmengine's report of how every parameter was initialised."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        model.init_weights()
    finally:
        logger.setLevel(level)
