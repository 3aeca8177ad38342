"""Dataset statistics: video lengths and box fill."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.utils.data import Dataset

from ..datasets import BaseVideoDataset
from ..datasets.mixture import leaf_datasets
from ..errors import ConfigError
from ..registry import DATASETS
from ..structures import boxes_of_mask


@dataclass(frozen=True)
class DatasetStatistics:
    """Statistics of a dataset (Skogh 2024, Figures 4.1 and A.2).

    Attributes:
        frames: video -> its number of frames.
        fills: video -> object id -> :func:`box_fill` in the frames with masks that show it.
    """

    frames: dict[str, int]
    fills: dict[str, dict[int, list[float]]]

    @property
    def all_fills(self) -> np.ndarray:
        """Box fill of all objects and frames, float64 (K,)."""
        values = [f for objects in self.fills.values() for fills in objects.values() for f in fills]
        return np.array(values, np.float64)

    def summary(self) -> dict[str, float]:
        """Summary of the whole dataset; NaN where there are no masks."""
        lengths, fills = np.array(list(self.frames.values())), self.all_fills
        return dict(
            videos=len(lengths),
            frames=int(lengths.sum()),
            shortest=int(lengths.min()),
            median_length=float(np.median(lengths)),
            longest=int(lengths.max()),
            objects=sum(map(len, self.fills.values())),
            boxes=len(fills),
            mean_fill=float(fills.mean()) if len(fills) else float('nan'),
            median_fill=float(np.median(fills)) if len(fills) else float('nan'),
        )


def box_fill(id_mask: np.ndarray) -> dict[int, float]:
    """Fraction of its tight box that each object covers, in (0, 1]; id mask uint8 (H, W), 255 void."""
    return {
        i: float((id_mask == i).sum() / ((x2 - x1) * (y2 - y1)))
        for i, (x1, y1, x2, y2) in boxes_of_mask(id_mask).items()
    }


def count_dataset(
    dataset: BaseVideoDataset, num_videos: int | None = None, seed: int = 0
) -> DatasetStatistics:
    """Read the masks of a dataset's videos; frames are not decoded.

    Args:
        dataset: in training or test mode.
        num_videos: maximum number of videos, drawn at random; None: all.
        seed: of the draw.
    """
    count = len(dataset) if num_videos is None else min(num_videos, len(dataset))
    chosen = np.random.RandomState(seed).permutation(len(dataset))[:count]
    frames: dict[str, int] = {}
    fills: dict[str, dict[int, list[float]]] = {}
    for index in sorted(chosen.tolist()):
        record = dataset.open_video(dataset.get_data_info(index))
        frames[record.name] = len(record.source)
        objects = fills.setdefault(record.name, {})
        masks = (record.annotation.mask(t) for t in record.annotation.annotated_frames())
        for mask in (m for m in masks if m is not None):
            for object_id, fill in box_fill(mask).items():
                objects.setdefault(object_id, []).append(fill)
    return DatasetStatistics(frames, fills)


def config_statistics(
    cfg: Config, split: str = 'train', num_videos: int | None = None, seed: int = 0
) -> dict[str, DatasetStatistics]:
    """Statistics of every dataset of a config, by its name in the config or its class.

    Args:
        cfg: with the dataloader of the split.
        split: ``'train'``, ``'val'`` or ``'test'``.
        num_videos: of each dataset; see :func:`count_dataset`.
        seed: likewise.

    Raises:
        ConfigError: no such dataloader, or no dataset of videos in it.
    """
    key = f'{split}_dataloader'
    if not cfg.get(key):
        raise ConfigError(f'{key}: not in this config. Choose another split or config.')
    init_default_scope('vosplug')
    named = dict(_named(DATASETS.build(cfg[key].dataset)))
    if not named:
        raise ConfigError(f'{key}: found {cfg[key].dataset.type}, expected a dataset of vosplug.')
    return {name: count_dataset(dataset, num_videos, seed) for name, dataset in named.items()}


def _named(dataset: Dataset) -> Iterator[tuple[str, BaseVideoDataset]]:
    leaves = list(leaf_datasets(dataset))
    names = getattr(dataset, 'names', None) or [
        f'{type(leaf).__name__}{f" {k}" if k else ""}' for k, leaf in enumerate(leaves)
    ]
    for name, leaf in zip(names, leaves, strict=True):
        if isinstance(leaf, BaseVideoDataset):
            yield name, leaf
