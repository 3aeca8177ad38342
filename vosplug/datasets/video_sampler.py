"""Sampler that distributes test videos over processes by their lengths."""

import heapq
from collections.abc import Iterator, Sequence

from mmengine.dist import get_dist_info
from torch.utils.data import Dataset, Sampler

from ..errors import ConfigError
from ..registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class VideoSampler(Sampler):
    """Samples every video in exactly one process, such that processes get about equally many frames.

    From longest to shortest, each video goes to the process with the fewest frames so far. Each process
    tests its videos in the order of the dataset.

    Args:
        dataset: of videos; vosplug's know video lengths without reading annotations.
        seed: ignored; mmengine gives one to every sampler.
        shard: index from 0, and number of shards; None: those of the process group.

    Raises:
        ConfigError: more shards than videos.
    """

    def __init__(self, dataset: Dataset, seed: int | None = None, shard: Sequence[int] | None = None) -> None:
        own, parts = shard or get_dist_info()
        self.indices = list(range(len(dataset)))
        if shard is not None and parts > len(dataset):
            raise ConfigError(
                f'VideoSampler.shard: found {parts} shards, more than the {len(dataset)} videos. Start fewer.'
            )
        if parts > 1:
            self.indices = balanced([_length(dataset, k) for k in self.indices], parts)[own]

    def __iter__(self) -> Iterator[int]:
        return iter(self.indices)

    def __len__(self) -> int:
        return len(self.indices)


def balanced(lengths: Sequence[int], parts: int) -> list[list[int]]:
    """Indices of each part, ascending, such that the sums of their lengths are similar.

    The largest sum is at most 4/3 of the smallest possible one (Graham 1969).
    """
    shares: list[list[int]] = [[] for _ in range(parts)]
    sums = [(0, part) for part in range(parts)]  # a heap
    for index in sorted(range(len(lengths)), key=lambda k: -lengths[k]):
        total, part = sums[0]
        heapq.heapreplace(sums, (total + lengths[index], part))
        shares[part].append(index)
    return [sorted(share) for share in shares]


def _length(dataset: Dataset, idx: int) -> int:
    if hasattr(dataset, 'video_length'):
        return dataset.video_length(idx)
    return len(dataset[idx]['inputs'])
