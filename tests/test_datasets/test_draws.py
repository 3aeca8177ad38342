"""Items of training know their place, whatever sampler and batches they come from."""

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmengine.dataset import DefaultSampler, InfiniteSampler
from torch.utils.data import DataLoader

from vosplug.datasets.draws import PlacedSampler, current_iteration, making_item_of, seeded_dataloader
from vosplug.errors import ConfigError


def batches(sampler: PlacedSampler, size: int, drop_last: bool, passes: int) -> list[list]:
    """Batches of several passes over a dataset, as an endless training gets them."""
    loader = DataLoader(range(50), size, sampler=sampler, drop_last=drop_last, collate_fn=list)
    return [batch for _ in range(passes) for batch in list(loader.batch_sampler)]


@given(st.integers(1, 12), st.integers(1, 5), st.booleans(), st.integers(1, 4))
def test_items_of_a_finite_sampler_are_for_the_iteration_that_gets_them(length, size, drop_last, passes):
    sampler = PlacedSampler(range(length), DefaultSampler(range(length), seed=0), size, drop_last=drop_last)
    if drop_last and length < size:
        with pytest.raises(ConfigError, match=f'batch_size: found {size}'):
            batches(sampler, size, drop_last, passes)
        return
    found = batches(sampler, size, drop_last, passes)
    assert [{draw.iteration for draw in batch} for batch in found] == [{k} for k in range(len(found))]
    positions = [draw.position for batch in found for draw in batch]
    assert len(set(positions)) == len(positions), 'no two items draw the same'
    assert positions == [k * size + i for k, batch in enumerate(found) for i in range(len(batch))]


def test_processes_share_the_positions():
    placed = []
    for rank in range(2):
        inner = DefaultSampler(range(7), shuffle=False)
        inner.rank, inner.world_size, inner.num_samples = rank, 2, 4
        inner.total_size = 8
        sampler = PlacedSampler(range(7), inner, 3)
        placed += [draw.position for batch in batches(sampler, 3, False, 2) for draw in batch]
    assert len(set(placed)) == len(placed) == 16


@pytest.mark.parametrize('drop_last', [False, True])
def test_an_infinite_sampler_goes_through_without_a_gap(drop_last):
    sampler = PlacedSampler(range(5), InfiniteSampler(range(5), seed=0), 2, drop_last=drop_last)
    sampler.skip(4)
    drawn = list(itertools.islice(iter(sampler), 7))
    assert [draw.position for draw in drawn] == list(range(4, 11))
    assert [draw.iteration for draw in drawn] == [2, 2, 3, 3, 4, 4, 5]


def test_a_sampler_can_be_placed_without_being_advanced():
    sampler = PlacedSampler(range(5), DefaultSampler(range(5), shuffle=False), 2)
    sampler.place(7)
    assert [(int(draw), draw.position, draw.iteration) for draw in sampler] == [
        (0, 14, 7), (1, 15, 7), (2, 16, 8), (3, 17, 8), (4, 18, 9),
    ]  # fmt: skip
    assert next(iter(sampler)).iteration == 10


def test_the_sampler_learns_from_the_dataloader_what_happens_to_a_last_batch():
    for given_, drop_last in ((dict(drop_last=True), True), ({}, False)):
        parts = dict(dataset=range(4), sampler=SimpleNamespace(), batch_size=3)
        assert seeded_dataloader({**parts, **given_}, 0)['sampler']['drop_last'] is drop_last


def test_the_iteration_is_that_outside_again_after_an_item():
    with making_item_of(3):
        with making_item_of(5):
            assert current_iteration() == 5
        assert current_iteration() == 3
    assert current_iteration() is None
