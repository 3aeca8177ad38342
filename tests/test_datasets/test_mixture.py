"""Datasets are drawn in the proportion asked for, whatever their sizes."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from vosplug.datasets import MixtureDataset, MixtureSampler, SyntheticVOS
from vosplug.errors import ConfigError


def mixture(sizes: dict[str, int], **shared) -> MixtureDataset:
    parts = {name: dict(type='SyntheticVOS', num_videos=size) for name, size in sizes.items()}
    return MixtureDataset(parts, size=(32, 48), num_frames=4, **shared)


@settings(max_examples=20)
@given(st.integers(1, 60), st.integers(1, 400), st.integers(0, 99))
def test_proportions_do_not_depend_on_sizes(small, large, seed):
    dataset = mixture(dict(large=large, small=small))
    sampler = MixtureSampler(dataset, dict(small=8, large=92), seed)
    drawn = np.array(list(islice(sampler, 3000)))
    assert abs((drawn >= large).mean() - 0.08) < 0.025
    for first, size, part in ((0, large, drawn[drawn < large]), (large, small, drawn[drawn >= large])):
        counts = np.bincount(part - first, minlength=size)
        assert counts.max() - counts.min() <= 1, 'no item comes again before all others came'


def test_the_same_seed_gives_the_same_order_and_another_seed_another():
    dataset = mixture(dict(a=30, b=5))
    orders = [list(islice(MixtureSampler(dataset, dict(a=1, b=1), seed), 40)) for seed in (3, 3, 4)]
    assert orders[0] == orders[1] != orders[2]


def test_processes_share_the_order(monkeypatch):
    dataset, weights = mixture(dict(a=30, b=5)), dict(a=3, b=1)
    alone = list(islice(MixtureSampler(dataset, weights, 3), 40))
    for rank in range(2):
        monkeypatch.setattr('mmengine.dataset.sampler.get_dist_info', lambda rank=rank: (rank, 2))
        assert list(islice(MixtureSampler(dataset, weights, 3), 20)) == alone[rank::2]


def test_a_resumed_run_continues_the_order():
    dataset, weights = mixture(dict(a=30, b=5)), dict(a=3, b=1)
    resumed = MixtureSampler(dataset, weights, 3)
    resumed.skip(25)
    assert list(islice(resumed, 15)) == list(islice(MixtureSampler(dataset, weights, 3), 40))[25:]


def test_shared_arguments_reach_every_dataset_but_those_that_set_their_own():
    parts = dict(a=dict(type='SyntheticVOS'), b=dict(type='SyntheticVOS', supervision='mask'))
    dataset = MixtureDataset(parts, lazy_init=True, supervision='box', num_videos=3)
    assert [(d.supervision, d.num_videos) for d in dataset.datasets] == [('box', 3), ('mask', 3)]


def test_a_loader_reads_clips_of_all():
    pipeline = [dict(type='LoadClip'), dict(type='PackClip')]
    dataset = mixture(dict(a=4, b=2), pipeline=pipeline, clip_sampler=dict(num_frames=2))
    sampler = MixtureSampler(dataset, dict(a=1, b=1), 0)
    batch = next(iter(DataLoader(dataset, 6, sampler=sampler, collate_fn=pseudo_collate)))
    assert [tuple(clip.shape) for clip in batch['inputs']] == [(2, 3, 32, 48)] * 6


@pytest.mark.parametrize(
    ('weights', 'says'),
    [
        (dict(a=1), r"found \['a'\], expected one for each of \['a', 'b'\]"),
        (dict(a=1, b=-1), 'expected weights of 0 or more'),
        (dict(a=0, b=0), 'expected weights of 0 or more, at least one above 0'),
    ],
)
def test_wrong_weights_are_named(weights, says):
    with pytest.raises(ConfigError, match=f'MixtureSampler.weights: .*{says}'):
        MixtureSampler(mixture(dict(a=1, b=1)), weights)


def test_what_cannot_be_mixed_is_named():
    with pytest.raises(ConfigError, match='found SyntheticVOS, expected a MixtureDataset'):
        MixtureSampler(SyntheticVOS(num_videos=1), dict(a=1))
    with pytest.raises(ConfigError, match='MixtureDataset.datasets: empty'):
        MixtureDataset({})
