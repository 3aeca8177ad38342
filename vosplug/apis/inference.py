"""Config and checkpoint to a model ready to stream."""

from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

from ..engine.checkpoint import load_weights
from ..errors import ConfigError
from ..models.segmentors import BaseVideoSegmentor
from ..paths import find_config
from ..registry import MODELS


def init_model(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    device: str = 'cpu',
    cfg_options: dict | None = None,
) -> BaseVideoSegmentor:
    """Build a model for inference.

    Args:
        config: config file (a path, or one shipped with the package such as
            ``'stm/stm_tiny_synthetic_box.py'``), or a Config.
        checkpoint: weights; None leaves the model as its config initialises it.
        device: torch device.
        cfg_options: changes to the config, such as ``{'model.test_cfg.short_side': 240}``.

    Returns:
        BaseVideoSegmentor: in eval mode; call ``model.stream(source, prompts)``.

    Raises:
        ConfigError: no such config, or one without a model.
        CheckpointError: the checkpoint does not fit.
    """
    if not isinstance(config, Config):
        config = Config.fromfile(find_config(config))
    if cfg_options:
        config.merge_from_dict(cfg_options)
    if 'model' not in config:
        raise ConfigError(f'{config.filename}: has no `model`; pass a whole config, not a part of one.')
    init_default_scope('vosplug')
    if checkpoint is not None:
        _skip_pretrained(config.model)
    model = MODELS.build(config.model)
    model.init_weights()
    if checkpoint is not None:
        load_weights(model, checkpoint)
    return model.to(device).eval()


def _skip_pretrained(node: object) -> None:
    """Drop ImageNet initialisation, which a checkpoint replaces; its files need not be there."""
    if isinstance(node, dict):
        cfg = node.get('init_cfg')
        if isinstance(cfg, dict) and cfg.get('type') == 'Pretrained':
            node['init_cfg'] = None
        for value in node.values():
            _skip_pretrained(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            _skip_pretrained(value)
