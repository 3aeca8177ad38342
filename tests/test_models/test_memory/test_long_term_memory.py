"""Consolidation, eviction and late objects of XMem's memory; what the published code cannot do among them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from memory_tester import MemoryTester

from vosplug.models.memory import (
    AnisotropicKey,
    LongTermMemory,
    anisotropic_similarity,
    match_weights,
    usage_of,
)

C, SIZE, P = 4, (2, 3), 6
LIMITS = dict(min_mid_term_frames=2, max_mid_term_frames=4, num_prototypes=3, max_long_term_elements=12)


def key(value: float | None = None, shrinkage: float = 1.0) -> AnisotropicKey:
    """A frame's key: random, or one constant."""
    own = torch.randn(C, *SIZE) if value is None else torch.full((C, *SIZE), float(value))
    return AnisotropicKey(own, torch.full((1, *SIZE), shrinkage), torch.full((C, *SIZE), 0.5))


class Video:
    """A memory with the state of one video."""

    def __init__(self, **options) -> None:
        self.memory = LongTermMemory(**options)
        self.state = self.memory.new_state()

    @property
    def groups(self) -> list:
        return self.state.groups

    def write(self, t: int, key: AnisotropicKey, values: torch.Tensor) -> None:
        """Each part of the key (C, h, w), values (N, Cv, h, w)."""
        self.memory.write(self.state, t, AnisotropicKey(*(part[None] for part in key)), values[None], ())

    def readout(self, key: AnisotropicKey) -> torch.Tensor:
        """(N, Cv, h, w)."""
        return self.memory.readout(self.state, AnisotropicKey(*(part[None] for part in key)))[0]


def values(value: float, objects: int = 1) -> torch.Tensor:
    return torch.full((objects, 2, *SIZE), float(value))


def fill(memory: Video, frames: int, objects: int = 1, read: bool = True) -> list[tuple[int, int]]:
    """Random frames; sizes of the first group after each."""
    sizes = []
    for t in range(frames):
        memory.write(t, key(), values(t, objects))
        if read:
            memory.readout(key())
        group = memory.groups[0]
        sizes.append((len(group.work), 0 if group.long is None else len(group.long)))
    return sizes


def test_the_first_and_the_newest_frames_stay_as_they_are():
    memory = Video(**LIMITS)
    for t in range(4):
        memory.write(t, key(t), values(t))
    group = memory.groups[0]
    # frames 1 and 2 of 0..3 became prototypes
    assert group.work.values[0, 0].tolist() == [0] * P + [3] * P
    assert len(group.long) == 3
    assert ((group.long.values >= 1) & (group.long.values <= 2)).all()


def test_the_most_used_elements_become_prototypes():
    memory = Video(**LIMITS | dict(num_prototypes=1), top_k=1)
    for t in range(3):
        memory.write(t, key(10 * t), values(t))
    memory.readout(key(10))
    memory.write(3, key(30), values(3))
    assert (memory.groups[0].long.key == 10).all()


def test_prototypes_take_in_what_similar_elements_say():
    memory = Video(**LIMITS, top_k=None)
    same = key(5)
    for t, k in enumerate([key(0), same, same, key(9)]):
        memory.write(t, k, values(t))
    torch.testing.assert_close(memory.groups[0].long.values, torch.full((1, 2, 3), 1.5))


def test_a_distant_query_reads_finite_values():
    memory = Video(**LIMITS, top_k=2)
    memory.write(0, key(1e4, shrinkage=50.0), values(7))
    read = memory.readout(key(-1e4))
    assert torch.equal(read, values(7))


@pytest.mark.parametrize('share_keys', [False, True])
def test_exactly_full_is_no_error_and_the_bound_holds(share_keys):
    # 12 - 3 prototypes are full after three consolidations, exactly
    memory = Video(**LIMITS, share_keys=share_keys)
    longest = [long for _, long in fill(memory, 40)]
    assert max(longest) == 12 and 9 in longest
    assert longest[-1] >= 3


def test_elements_used_alike_do_not_empty_the_store():
    memory = Video(**LIMITS)
    longest = [long for _, long in fill(memory, 40, read=False)]
    # nothing was ever read: the oldest go
    assert longest[-1] == 12 and longest == sorted(longest)


def test_the_least_used_prototypes_go_first():
    memory = Video(**LIMITS | dict(max_long_term_elements=6), top_k=None)
    fill(memory, 8, read=False)
    group = memory.groups[0]
    assert len(group.long) == 6
    group.long.use = torch.tensor([5.0, 1, 4, 2, 6, 3])
    group.long.life = torch.ones(6)
    kept = group.long.key[:, [0, 2, 4]]
    for t in (8, 9):
        memory.write(t, key(), values(t))
    assert torch.equal(group.long.key[:, :3], kept)


def test_a_late_object_is_read_only_from_frames_since_it_entered():
    memory = Video(**LIMITS)
    memory.write(0, key(0), values(0))
    memory.write(1, key(1), values(1, 2))
    read = memory.readout(key(0))
    assert read.shape == (2, 2, *SIZE)
    assert (read[1] == 1).all() and (read[0] < 1).all()


def test_a_late_object_keeps_the_key_of_the_frame_it_entered_in():
    memory = Video(**LIMITS, top_k=6)
    for t in range(20):
        memory.write(t, key(10 * t), values(t, 1 if t < 5 else 2))
        memory.readout(key(10 * t))
    read = memory.readout(key(50))
    torch.testing.assert_close(read[1], values(5)[0])


def test_shared_keys_lose_it_as_the_published_network_does():
    memory = Video(**LIMITS, top_k=6, share_keys=True)
    for t in range(20):
        memory.write(t, key(10 * t), values(t, 1 if t < 5 else 2))
        memory.readout(key(10 * t))
    # the first value of the late object now answers to the first key of all
    torch.testing.assert_close(memory.readout(key(0))[1], values(5)[0])


@pytest.mark.parametrize('share_keys', [False, True])
def test_many_groups_outlive_eviction(share_keys):
    memory = Video(**LIMITS, share_keys=share_keys)
    for t in range(60):
        memory.write(t, key(), values(t, min(4, 1 + t // 5)))
        read = memory.readout(key())
        assert read.isfinite().all() and read.shape[0] == min(4, 1 + t // 5)
        assert (read < t + 1e-3).all() and (read > -1e-3).all()


@pytest.mark.parametrize('share_keys', [False, True])
def test_groups_do_not_matter_while_nothing_was_consolidated(share_keys):
    keys = [key() for _ in range(3)]
    stored = torch.randn(3, 2, 2, *SIZE)
    both, second = Video(share_keys=share_keys), Video()
    both.write(0, keys[0], stored[0, :1])
    for t in (1, 2):
        both.write(t, keys[t], stored[t])
        second.write(t, keys[t], stored[t, 1:])
    query = key()
    torch.testing.assert_close(both.readout(query)[1:], second.readout(query))


def test_without_long_term_memory_the_oldest_frame_but_the_first_goes():
    memory = Video(enable_long_term=False, max_work_frames=3)
    for t in range(6):
        memory.write(t, key(), values(t))
    assert memory.groups[0].work.values[0, 0, ::P].tolist() == [0, 4, 5]


def test_with_one_mid_term_frame_the_newest_is_consolidated_too():
    memory = Video(**LIMITS | dict(min_mid_term_frames=1))
    fill(memory, 4)
    assert (memory.groups[0].work.values == 0).all() and len(memory.groups[0].work) == P


@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 100))
def test_usage_is_the_weight_each_position_was_read_with(queries, top_k, seed):
    generator = torch.Generator().manual_seed(seed)
    similarity = torch.randn(1, queries, 9, generator=generator)
    weights, where = match_weights(similarity, top_k)
    used = usage_of(weights, where, 9)
    assert used.shape == (1, 9)
    assert used.sum().item() == pytest.approx(queries, rel=1e-4)
    assert (used > 0).sum() <= queries * top_k


def test_similarity_by_hand():
    memory_key = torch.tensor([[[1.0, 0.0], [2.0, 0.0]]])
    found = anisotropic_similarity(
        memory_key, torch.tensor([[2.0, 1.0]]), torch.tensor([[[3.0], [4.0]]]), torch.tensor([[[1.0], [0.5]]])
    )
    # -(1 * (1-3)^2 + 0.5 * (2-4)^2) * 2 / sqrt(2) and -(9 + 0.5 * 16) / sqrt(2)
    torch.testing.assert_close(found, torch.tensor([[[-12.0, -17.0]]]) / 2**0.5)


class TestLongTerm(MemoryTester):
    def config(self) -> dict:
        return dict(type='LongTermMemory', mem_every=2, top_k=8, **LIMITS)

    def key(self, batch: int = 1, seed: int = 0) -> AnisotropicKey:
        """Random, with shrinkage and selection."""
        generator = torch.Generator().manual_seed(seed)
        own, chosen = (torch.randn(batch, 4, 3, 4, generator=generator) for _ in range(2))
        return AnisotropicKey(own, 1 + own[:, :1].square(), chosen.sigmoid())


class TestSharedKeys(TestLongTerm):
    def config(self) -> dict:
        return dict(super().config(), share_keys=True)


class TestWithoutLongTerm(TestLongTerm):
    def config(self) -> dict:
        return dict(type='LongTermMemory', mem_every=1, enable_long_term=False, max_work_frames=3)
