"""Mixtures of datasets in fixed proportions, independent of their sizes."""

from collections.abc import Iterator, Mapping

import torch
from mmengine.dataset import ConcatDataset, InfiniteSampler
from torch.utils.data import Dataset

from ..errors import ConfigError
from ..registry import DATA_SAMPLERS, DATASETS


@DATASETS.register_module()
class MixtureDataset(ConcatDataset):
    """Concatenated named datasets; :class:`MixtureSampler` defines how often each is drawn.

    Args:
        datasets: name -> config. A config that inherits can change one by its name.
        lazy_init: see mmengine's ``ConcatDataset``.
        shared: arguments that every dataset gets unless its own config sets them, such as ``supervision``.

    Raises:
        ConfigError: no dataset.
    """

    def __init__(self, datasets: Mapping[str, dict], lazy_init: bool = False, **shared) -> None:
        if not datasets:
            raise ConfigError('MixtureDataset.datasets: empty; expected {name: config of a dataset}.')
        self.names = list(datasets)
        shared['lazy_init'] = lazy_init
        super().__init__([DATASETS.build({**shared, **cfg}) for cfg in datasets.values()], lazy_init)


@DATA_SAMPLERS.register_module()
class MixtureSampler(InfiniteSampler):
    """Infinite sampler of a :class:`MixtureDataset`: draws a dataset by weight, then takes its next item.

    Each dataset is iterated in random order, reshuffled after every pass. The same seed gives the same
    indices; they are sharded over processes.

    Args:
        dataset: what to draw from.
        weights: name -> relative sampling weight.
        seed: None draws a random one, the same in all processes.

    Raises:
        ConfigError: another kind of dataset, names other than the dataset's, or weights negative or all 0.
    """

    def __init__(
        self, dataset: MixtureDataset, weights: Mapping[str, float], seed: int | None = None
    ) -> None:
        if not isinstance(dataset, MixtureDataset):
            raise ConfigError(
                f'MixtureSampler: found {type(dataset).__name__}, expected a MixtureDataset. Use '
                'InfiniteSampler for a single dataset.'
            )
        if set(weights) != set(dataset.names):
            raise ConfigError(
                f'MixtureSampler.weights: found {sorted(weights)}, expected one for each of {dataset.names}.'
            )
        if min(weights.values()) < 0 or not sum(weights.values()):
            raise ConfigError(
                f'MixtureSampler.weights: found {dict(weights)}, expected weights of 0 or more, at least one '
                'above 0.'
            )
        self.weights = torch.tensor([float(weights[name]) for name in dataset.names])
        super().__init__(dataset, shuffle=True, seed=seed)

    def _infinite_indices(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed)
        ends = self.dataset.cumulative_sizes
        streams = [
            self._shuffled(start, end, generator) for start, end in zip([0, *ends], ends, strict=False)
        ]
        while True:
            for part in torch.multinomial(self.weights, 256, replacement=True, generator=generator).tolist():
                yield next(streams[part])

    @staticmethod
    def _shuffled(start: int, end: int, generator: torch.Generator) -> Iterator[int]:
        while True:
            yield from (start + torch.randperm(end - start, generator=generator)).tolist()


def leaf_datasets(dataset: Dataset) -> Iterator[Dataset]:
    """The datasets inside wrappers (concatenated, repeated, subsets), at any depth."""
    if hasattr(dataset, 'datasets'):
        for part in dataset.datasets:
            yield from leaf_datasets(part)
    elif hasattr(dataset, 'dataset'):
        yield from leaf_datasets(dataset.dataset)
    else:
        yield dataset
