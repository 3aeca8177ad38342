"""Builds models for inference from configs and checkpoints."""

from pathlib import Path

from mmengine.config import Config

from ..models import BaseVideoSegmentor, Box2Seg, StreamingModel
from ..models.build import build_model, build_trained, checked_device


def init_model(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    device: str = 'cpu',
    cfg_options: dict | None = None,
) -> BaseVideoSegmentor | StreamingModel | Box2Seg:
    """Build a model for inference.

    Args:
        config: config file (a path, or one shipped with the package such as
            ``'xmem_box/xmem_tiny_synthetic-box.py'``), a Config, or a name of
            :func:`~vosplug.apis.zoo_models`, which includes weights. A ``.py`` file is a
            program, which is executed; a ``.yaml``, ``.yml`` or ``.json`` file is data, and nothing in it is
            executed. Accept only the latter from others. An ``.onnx`` file from :func:`export_onnx` makes
            masks from boxes.
        checkpoint: weights, read as data; None keeps the initialisation of the config.
        device: torch device.
        cfg_options: config overrides, such as ``{'model.test_cfg.short_side': 240}``.

    Returns:
        BaseVideoSegmentor: in eval mode; call ``model.stream(source, prompts)``. A config of Box2Seg returns
        that network, an ``.onnx`` file a :class:`~vosplug.models.ONNXBoxInitializer`. ``model.cfg`` is the
        config.

    Raises:
        ConfigError: no such config or name, a config without a model, an unknown key, no such device, or
            pretrained weights of torchvision, which is not installed.
        CheckpointError: the checkpoint does not fit, or pretrained weights are missing.
    """
    device = checked_device(device)
    return build_model(config, checkpoint, cfg_options).to(device).eval()


def init_box2seg(config: str | Path, checkpoint: str | Path | None = None, device: str = 'cpu') -> Box2Seg:
    """Build a trained Box2Seg, a network that turns boxes into masks.

    Args:
        config: a path, a shipped config, or a name; ``'box2seg-tiny'`` comes with the package.
        checkpoint: weights; required for configs, while a name includes them.
        device: torch device.

    Raises:
        ConfigError: see :func:`init_model`; a config of another model, or one without weights.
        CheckpointError: the checkpoint does not fit.
    """
    device = checked_device(device)
    return build_trained(config, checkpoint, Box2Seg).to(device).eval()
