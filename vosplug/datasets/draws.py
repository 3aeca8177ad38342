"""Random draws of training data that depend on seed and place in training, not on earlier draws."""

import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from mmengine.registry import DATA_SAMPLERS, DATASETS
from torch.utils.data import Dataset, Sampler

from ..errors import ConfigError

_OUTLIVED = 20  # seconds
_iteration: int | None = None  # of the item that this process is making


class Draw(int):
    """Index of a training item that carries its place in training.

    Attributes:
        position: number of the item in training, counted over all processes.
        iteration: training iteration that the item is for.
    """

    position: int
    iteration: int

    @classmethod
    def at(cls, index: int, position: int, iteration: int) -> 'Draw':
        """An index with its place."""
        draw = cls(index)
        draw.position, draw.iteration = position, iteration
        return draw


def current_iteration() -> int | None:
    """Training iteration of the item that this process is making; None outside of seeded training."""
    return _iteration


@contextmanager
def making_item_of(iteration: int) -> Iterator[None]:
    """Context manager for making an item of a training iteration."""
    global _iteration
    outside, _iteration = _iteration, iteration
    try:
        yield
    finally:
        _iteration = outside


def seed_draws(*key: int) -> None:
    """Seed the generators of Python, NumPy and torch from a few non-negative numbers."""
    words = np.random.SeedSequence(key).generate_state(4)
    random.seed(int(words[0]))
    np.random.seed(words[1:3])
    torch.manual_seed(int(words[3]))


class SeededDataset(Dataset):
    """A dataset whose random draws are a function of the seed and the item's place in training.

    The items are the same for any number of workers, and after resuming.

    Args:
        dataset: mmengine's config, or a dataset; its transforms draw from Python's, NumPy's or torch's global
            generators.
        seed: of the run.
    """

    def __init__(self, dataset: dict | Dataset, seed: int) -> None:
        self.dataset = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
        self.seed = seed
        if hasattr(self.dataset, 'full_init'):
            self.dataset.full_init()

    @property
    def metainfo(self) -> Mapping[str, Any]:
        """Metainfo of the wrapped dataset."""
        return getattr(self.dataset, 'metainfo', {})

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        if not isinstance(index, Draw):
            return self.dataset[index]
        with making_item_of(index.iteration):
            seed_draws(self.seed, index.position)
            return self.dataset[int(index)]


class PlacedSampler(Sampler):
    """A sampler whose indices carry their place in training, for :class:`SeededDataset`.

    Args:
        dataset: what is sampled.
        sampler: mmengine's config of the sampler, or a sampler.
        batch_size: items per iteration of one process.
        seed: of the sampler.
        drop_last: whether the dataloader drops an incomplete last batch.
    """

    def __init__(
        self,
        dataset: Dataset,
        sampler: dict | Sampler,
        batch_size: int,
        seed: int | None = None,
        drop_last: bool = False,
    ) -> None:
        if isinstance(sampler, dict):
            sampled = dataset.dataset if isinstance(dataset, SeededDataset) else dataset
            sampler = DATA_SAMPLERS.build(sampler, default_args=dict(dataset=sampled, seed=seed))
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last
        self._place = 0  # of the next item: batch_size places per iteration
        if hasattr(sampler, 'skip'):  # mmengine looks for it
            self.skip = self._skip
        if hasattr(sampler, 'set_epoch'):
            self.set_epoch = sampler.set_epoch

    def __iter__(self) -> Iterator[Draw]:
        rank, processes = getattr(self.sampler, 'rank', 0), getattr(self.sampler, 'world_size', 1)
        begin = self._place
        for index in self.sampler:
            yield Draw.at(index, self._place * processes + rank, self._place // self.batch_size)
            self._place += 1
        if self.drop_last and self._place - begin < self.batch_size:
            raise ConfigError(
                f'train_dataloader.batch_size: found {self.batch_size}, more than the {self._place - begin} '
                'items of this process, so drop_last=True leaves no batch. Lower it, or use InfiniteSampler.'
            )
        # the next pass begins with an iteration of its own
        beyond = self._place % self.batch_size
        if beyond:
            self._place += -beyond if self.drop_last else self.batch_size - beyond

    def __len__(self) -> int:
        return len(self.sampler)

    def place(self, iteration: int) -> None:
        """Assign the next item to an iteration, without changing which item it is."""
        self._place = iteration * self.batch_size

    def _skip(self, num_samples: int) -> None:
        """Continue after ``num_samples`` items of this process; see mmengine's ``InfiniteSampler``."""
        self.sampler.skip(num_samples)
        self._place = num_samples


def leave_signals_to_training(worker: int) -> None:
    """Let a data worker survive a SIGINT or SIGTERM to its whole process group, so that training can save.

    A process also ends its workers by SIGTERM when it exits, so SIGTERM does end them, after a delay.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, 'alarm'):
        signal.signal(signal.SIGTERM, lambda number, frame: signal.alarm(_OUTLIVED))


def seeded_dataloader(dataloader: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Config of a training dataloader with a seeded dataset and a sampler that places its items.

    Raises:
        ConfigError: no dataset, no sampler, or a batch size below 1.
    """
    for key in ('dataset', 'sampler'):
        if not dataloader.get(key):
            raise ConfigError(f'train_dataloader: has no {key!r}; expected its config.')
    size = dataloader.get('batch_size', 1)
    if not isinstance(size, int) or size < 1:
        raise ConfigError(f'train_dataloader.batch_size: found {size!r}, expected 1 or more.')
    dataset, sampler = dataloader['dataset'], dataloader['sampler']
    return {
        'worker_init_fn': dict(type=leave_signals_to_training),
        **dataloader,
        'batch_size': size,
        # not a dataset, since mmengine copies it: workers would not share what the original changes
        'dataset': dict(type=SeededDataset, dataset=dataset, seed=seed),
        'sampler': dict(
            type=PlacedSampler, sampler=sampler, batch_size=size, drop_last=bool(dataloader.get('drop_last'))
        ),
    }
