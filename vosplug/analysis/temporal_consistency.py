"""Statistics of temporal consistency: how often similar patches in two frames have the same label."""

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
    """Statistics of a dataset at one similarity threshold, averaged over clips (Skogh 2024, Table 3.1).

    Attributes:
        threshold: minimum similarity of two patches.
        proportion: fraction of searched pixels and positions at which the patches reach it.
        precision: fraction of the pixels in these patches that have the label of the query pixel; clips in
            which no patch reaches the threshold are left out, NaN if all are.
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

    Patches are extracted and searched as in ``loss``, but not limited by boxes or ``top_k``: the table counts
    all pixels, all of which reach a threshold of 0. Labels are compared per object, so background is one of
    two labels, not of N + 1; every cell of the downsampled map has the label of its centre.

    Args:
        images: (T, 3, H, W) RGB in 0..255.
        id_masks: (T, H, W): 0 background, the objects' ids, 255 void, which is ignored.
        slots: ids of the objects.
        loss: its options are used.
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
        # NaN reaches no threshold
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
    """Statistics of a config's training clips, with its own pipeline.

    Args:
        cfg: its ``train_dataloader.dataset`` must have masks; options of its TemporalPatchConsistencyLoss are
            used if it has one, otherwise the defaults.
        num_clips: number of clips; videos are cycled in random order.
        thresholds: similarities.
        seed: of videos, clips and pipeline.

    Raises:
        ConfigError: no training data, clips without masks, or of a single frame.
    """
    dataset = training_clips(cfg, seed)
    loss = MODELS.build(find_loss(cfg.get('model')) or dict(type='TemporalPatchConsistencyLoss'))
    shares = [
        clip_consistency(*clip, loss=loss, thresholds=thresholds)
        for clip in _labelled_clips(dataset, num_clips)
    ]
    proportions, precisions = (torch.stack(column) for column in zip(*shares, strict=True))
    columns = thresholds, proportions.mean(0).tolist(), precisions.nanmean(0).tolist()
    return [ConsistencyRow(*values) for values in zip(*columns, strict=True)]


def find_loss(config: Any) -> dict | None:
    """The first config of a TemporalPatchConsistencyLoss inside a model's config."""
    if isinstance(config, dict):
        if str(config.get('type')).split('.')[-1] == TemporalPatchConsistencyLoss.__name__:
            return config
        config = list(config.values())
    if not isinstance(config, list | tuple):
        return None
    return next((loss for loss in map(find_loss, config) if loss is not None), None)


def training_clips(cfg: Config, seed: int) -> Sequence[dict]:
    """The training set of a config; all random numbers are seeded.

    Raises:
        ConfigError: no training data.
    """
    if not cfg.get('train_dataloader'):
        raise ConfigError('train_dataloader: missing in this config; expected training clips to measure.')
    init_default_scope('vosplug')
    set_random_seed(seed)
    return DATASETS.build(cfg.train_dataloader.dataset)


def random_order(length: int, count: int) -> np.ndarray:
    """Indices of ``count`` items in random order; every item of the dataset comes once before one repeats."""
    return np.concatenate([np.random.permutation(length) for _ in range(-(-count // length))])[:count]


def _labelled_clips(dataset: Sequence, count: int) -> Iterator[tuple[Tensor, Tensor, list[int]]]:
    """Images, id masks and slots of random clips, as :func:`clip_consistency` takes them."""
    for index in random_order(len(dataset), count):
        item = dataset[int(index)]
        images, sample = item['inputs'].flip(1), item['data_samples']
        if (sample.supervision == Supervision.BOX).any():
            raise ConfigError(
                f'train_dataloader: video {sample.video_name} is supervised with boxes, but precision needs '
                'labels. Add --cfg-options train_dataloader.dataset.supervision=mask.'
            )
        if len(images) < 2:
            raise ConfigError(
                f'train_dataloader: the clip of video {sample.video_name} has 1 frame, expected at least 2. '
                'Raise num_frames of the clip sampler.'
            )
        yield images, sample.id_masks, (sample.valid.nonzero().flatten() + 1).tolist()
