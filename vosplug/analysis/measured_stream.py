"""Inputs of all streaming measurements: an untrained model, and a video with prompts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..config import load_config
from ..datasets.synthetic_clip import SyntheticClip, SyntheticSource
from ..errors import ConfigError
from ..models.build import build_model
from ..models.zoo import zoo_models
from ..structures import ObjectPrompt, VideoSource, fill_box

Prompts = Mapping[int, list[ObjectPrompt]]


def measured_model(
    config: str | Path, checkpoint: str | Path | None = None, cfg_options: dict | None = None
) -> Any:
    """A model in eval mode; without a checkpoint its weights are random, which does not affect measurements.

    Args:
        config: config file, or name of the zoo, which includes weights.
        checkpoint: weights.
        cfg_options: config overrides.
    """
    if checkpoint is not None or str(config) in zoo_models():
        return build_model(config, checkpoint, cfg_options).eval()
    cfg = load_config(config, cfg_options)
    _forget_weights(cfg.get('model'))
    return build_model(cfg).eval()


def _forget_weights(part: Any) -> None:
    """Remove all ``init_cfg`` from a config, since their files may be missing."""
    if isinstance(part, dict):
        part.pop('init_cfg', None)
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _forget_weights(child)


def measured_video(
    size: tuple[int, int], frames: int, objects: int = 1, prompt: str = 'mask'
) -> tuple[VideoSource, Prompts]:
    """A generated video, and prompts for rectangles side by side in its first frame.

    Args:
        size: (H, W).
        frames: length.
        objects: number of prompts.
        prompt: their kind, ``'mask'`` or ``'box'``.

    Raises:
        ConfigError: a size, length or number that is too small, or another kind.
    """
    for name, value, least in (('frames', frames, 1), ('objects', objects, 1), ('size', min(size), 32)):
        if value < least:
            raise ConfigError(f'{name}: found {value}, expected at least {least}.')
    source = SyntheticSource(SyntheticClip(0, frames, size, (1, 1)))
    return source, {0: rectangle_prompts(size, objects, prompt)}


def rectangle_prompts(size: tuple[int, int], objects: int, prompt: str = 'mask') -> list[ObjectPrompt]:
    """Prompts of objects side by side in a frame (H, W); each covers a tenth of its share of the frame."""
    height, width = size
    top, bottom, step = height // 3, 2 * height // 3, width / objects
    boxes = [(round((i + 0.35) * step), top, round((i + 0.65) * step), bottom) for i in range(objects)]
    if any(right <= left for left, _, right, _ in boxes):
        raise ConfigError(f'objects: found {objects}, which do not fit in a width of {width}.')
    if prompt == 'box':
        return [ObjectPrompt(i, box=box) for i, box in enumerate(boxes, 1)]
    if prompt != 'mask':
        raise ConfigError(f'prompt: found {prompt!r}, expected mask or box.')
    return [ObjectPrompt(i, mask=fill_box(box, size)) for i, box in enumerate(boxes, 1)]
