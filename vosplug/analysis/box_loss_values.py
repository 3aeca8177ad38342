"""Values of box losses for masks with known errors."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from torch import Tensor

from ..errors import ConfigError
from ..models.losses.box_masks import boxes_to_masks
from ..registry import MODELS
from ..structures import Supervision, stack_fields
from .temporal_consistency import random_order, training_clips

_SURE = 10.0  # logit of a pixel that is predicted to be inside
_CELL = 16  # pixels of the grid of the smooth noise
_SCALES = {
    'filled boxes': (1.0, 1.0),
    'width x 1.5': (1.5, 1.0),
    'width x 0.5': (0.5, 1.0),
    'height x 1.5': (1.0, 1.5),
    'height x 0.5': (1.0, 0.5),
}


@torch.no_grad()
def box_loss_values(
    cfg: Config, num_batches: int = 20, batch_size: int = 8, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Mean values of a config's box losses on batches of its training clips.

    Args:
        cfg: its ``train_dataloader.dataset`` and ``model.decode_head.loss_box`` are used; every object counts
            as supervised by its box.
        num_batches: number of batches; videos are cycled in random order.
        batch_size: clips per batch.
        seed: of videos, clips, pipeline and noise.

    Returns:
        dict: prediction -> name of the loss -> weighted value. Predictions are the true masks (where the
        config trains on masks), the filled boxes, the same with another width or height, and noise that is as
        smooth as a mask at stride 16: standard normal logits, bilinearly upsampled.

    Raises:
        ConfigError: no training data, or no box losses.
    """
    head = cfg.get('model', {}).get('decode_head') or {}
    if not head.get('loss_box'):
        raise ConfigError('model.decode_head.loss_box: empty or missing in this config; nothing to measure.')
    dataset = training_clips(cfg, seed)
    losses = [MODELS.build(loss) for loss in head.loss_box]
    preprocessor = MODELS.build(cfg.model.data_preprocessor)
    values: dict[str, dict[str, list[float]]] = {}
    for indices in random_order(len(dataset), num_batches * batch_size).reshape(num_batches, batch_size):
        batch = preprocessor(pseudo_collate([dataset[k] for k in indices]))
        targets = stack_fields(batch['data_samples'])
        supervision = targets['supervision']
        given = dict(
            boxes=targets['boxes'],
            images=preprocessor.colours(batch['inputs'], batch['data_samples']),
            weight=(supervision != Supervision.NONE.value) & targets['valid'].unsqueeze(1),
        )
        for name, logits in _predictions(targets):
            of_losses = values.setdefault(name, {loss.loss_name: [] for loss in losses})
            for loss in losses:
                of_losses[loss.loss_name].append(float(loss(logits=logits, **given)))
    return {name: {k: float(np.mean(v)) for k, v in found.items()} for name, found in values.items()}


def _predictions(targets: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Names and logits (B, T, N, H, W) of masks for a batch."""
    masks, boxes = targets['id_masks'], targets['boxes']
    size = masks.shape[-2:]
    if not (targets['supervision'] == Supervision.BOX.value).any():
        slots = torch.arange(1, boxes.shape[2] + 1).view(-1, 1, 1)
        yield 'true masks', _certain(masks.unsqueeze(2) == slots)
    for name, (width, height) in _SCALES.items():
        centre, half = (boxes[..., :2] + boxes[..., 2:]) / 2, (boxes[..., 2:] - boxes[..., :2]) / 2
        half = half * torch.tensor([width, height])
        yield name, _certain(boxes_to_masks(torch.cat([centre - half, centre + half], -1), size) > 0)
    cells = [-(-side // _CELL) for side in size]
    noise = torch.randn(1, boxes[..., 0].numel(), *cells)
    smooth = F.interpolate(noise, size=size, mode='bilinear', align_corners=False)
    yield 'smooth noise', smooth.view(*boxes.shape[:3], *size)


def _certain(inside: Tensor) -> Tensor:
    return torch.where(inside, _SURE, -_SURE)
