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
from ..models.segmentors import BaseVideoSegmentor
from ..registry import MODELS
from .zoo import find_zoo_model


def init_model(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    device: str = 'cpu',
    cfg_options: dict | None = None,
) -> BaseVideoSegmentor:
    """Build a model for inference.

    Args:
        config: config file (a path, or one shipped with the package such as
            ``'xmem_box/xmem_tiny_synthetic-box.py'``), a Config, or a name of
            :func:`~vosplug.apis.zoo_models`, which brings its weights along.
        checkpoint: weights; None leaves the model as its config initialises it.
        device: torch device.
        cfg_options: changes to the config, such as ``{'model.test_cfg.short_side': 240}``.

    Returns:
        BaseVideoSegmentor: in eval mode; call ``model.stream(source, prompts)``.

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
    return model.to(device).eval()


def _init_weights(model: BaseVideoSegmentor) -> None:
    """As the config says, without mmengine's report of how every parameter was initialised."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        model.init_weights()
    finally:
        logger.setLevel(level)
