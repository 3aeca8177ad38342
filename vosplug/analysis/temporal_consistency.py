"""How often patches that look alike in two frames have the same labels, before a network learns from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import set_random_seed
from torch import Tensor

from ..errors import ConfigError
from ..models.losses import TemporalPatchConsistencyLoss, frame_pairs, patch_similarity, rgb_to_lab
from ..models.losses.pixel_pairs import reduce_map, shifted
from ..registry import DATASETS, MODELS
from ..structures import Supervision
from ..structures.box_ops import VOID

THRESHOLDS = (0.0, 0.005, 0.01, 0.05, 0.1, 0.2, 0.3)  # of Skogh 2024, Table 3.1


@dataclass(frozen=True)
class ConsistencyRow:
    """What one threshold means for a dataset, means over clips (Skogh 2024, Table 3.1).

    Attributes:
        threshold: least similarity of two patches.
        proportion: share of the pixels and places searched at which the patches reach it.
        precision: share of the pixels of these patches that have the label of the pixel that searched;
            clips in which no patch reaches the threshold have none, and NaN says that all are such clips.
    """

    threshold: float
    proportion: float
    precision: float


def clip_consistency(
    images: Tensor,
    id_masks: Tensor,
    slots: Sequence[int],
    loss: TemporalPatchConsistencyLoss,
    thresholds: Sequence[float] = THRESHOLDS,
) -> tuple[Tensor, Tensor]:
    """Proportion and precision in one clip, as in :class:`ConsistencyRow`.

    Patches are cut and searched as ``loss`` does, but neither boxes nor ``top_k`` limit what counts: the
    table's total is all pixels, and all of them reach a threshold of 0. Labels are compared per object, so
    that the background is one of two labels, not of N + 1; every cell of the reduced map has its centre's.

    Args:
        images: (T, 3, H, W) RGB in 0..255.
        id_masks: (T, H, W): 0 background, the objects' ids, 255 void, which is compared with nothing.
        slots: ids of the objects.
        loss: whose options are used.
        thresholds: K similarities.

    Returns:
        tuple: proportion and precision, float64 (K,); precision is NaN where no patch reaches a threshold.
    """
    first, second = zip(*frame_pairs(len(images), loss.pairs), strict=True)
    lab = rgb_to_lab(reduce_map(images.float(), loss.stride))
    labels = id_masks[:, loss.stride // 2 :: loss.stride, loss.stride // 2 :: loss.stride]
    labels = labels[:, : lab.shape[-2], : lab.shape[-1]].int()
    labels_a, labels_b = labels[list(first)], labels[list(second)]
    levels = torch.tensor(thresholds, device=images.device).view(-1, 1, 1, 1)
    searched = torch.zeros((), dtype=torch.float64)
    found, trials, agreed = torch.zeros(3, len(thresholds), dtype=torch.float64)
    for dy, dx in loss.offsets:
        similarity = patch_similarity(
            lab[list(first)], lab[list(second)], dy, dx, loss.patch_size, loss.gamma
        ).masked_fill(labels_a == VOID, torch.nan)
        # NaN reaches nothing
        reached = similarity >= levels
        searched += similarity.isfinite().sum().cpu()
        found += _sums(reached)
        for y, x in loss.patch:
            other = shifted(labels_b, dy + y, dx + x, VOID)
            for slot in slots:
                same = (labels_a == slot) == (other == slot)
                trials += _sums(reached & (other != VOID))
                agreed += _sums(reached & (other != VOID) & same)
    return found / searched, agreed / trials


def _sums(reached: Tensor) -> Tensor:
    return reached.sum((1, 2, 3)).double().cpu()


def dataset_consistency(
    cfg: Config, num_clips: int = 100, thresholds: Sequence[float] = THRESHOLDS, seed: int = 0
) -> list[ConsistencyRow]:
    """Table of a config's training clips, with its own pipeline.

    Args:
        cfg: whose ``train_dataloader.dataset`` has masks; if its model has a TemporalPatchConsistencyLoss,
            that one's options are used, else the defaults.
        num_clips: clips drawn; videos take turns in random order.
        thresholds: similarities.
        seed: of videos, clips and pipeline.

    Raises:
        ConfigError: no training data, clips without masks, or of a single frame.
    """
    if not cfg.get('train_dataloader'):
        raise ConfigError('train_dataloader: not in this config; the table is made of its training clips.')
    init_default_scope('vosplug')
    loss = MODELS.build(find_loss(cfg.get('model')) or dict(type='TemporalPatchConsistencyLoss'))
    set_random_seed(seed)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    shares = [
        clip_consistency(*clip, loss=loss, thresholds=thresholds)
        for clip in _labelled_clips(dataset, num_clips)
    ]
    proportions, precisions = (torch.stack(column) for column in zip(*shares, strict=True))
    columns = thresholds, proportions.mean(0).tolist(), precisions.nanmean(0).tolist()
    return [ConsistencyRow(*values) for values in zip(*columns, strict=True)]


def find_loss(config: Any) -> dict | None:
    """The first config of a TemporalPatchConsistencyLoss inside of a model's config."""
    if isinstance(config, dict):
        if str(config.get('type')).split('.')[-1] == TemporalPatchConsistencyLoss.__name__:
            return config
        config = list(config.values())
    if not isinstance(config, list | tuple):
        return None
    return next((loss for loss in map(find_loss, config) if loss is not None), None)


def _labelled_clips(dataset: Sequence, count: int) -> Iterator[tuple[Tensor, Tensor, list[int]]]:
    """Images, id masks and slots of random clips, as :func:`clip_consistency` takes them."""
    order = np.concatenate([np.random.permutation(len(dataset)) for _ in range(-(-count // len(dataset)))])
    for index in order[:count]:
        item = dataset[int(index)]
        images, sample = item['inputs'].flip(1), item['data_samples']
        if (sample.supervision == Supervision.BOX).any():
            raise ConfigError(
                f'train_dataloader: video {sample.video_name} is supervised by boxes, but precision needs '
                'labels. Add --cfg-options train_dataloader.dataset.supervision=mask.'
            )
        if len(images) < 2:
            raise ConfigError(
                f'train_dataloader: the clip of video {sample.video_name} has 1 frame, expected at least 2. '
                'Raise num_frames of the clip sampler.'
            )
        yield images, sample.id_masks, (sample.valid.nonzero().flatten() + 1).tolist()
