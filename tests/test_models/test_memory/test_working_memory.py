"""What is kept, what is dropped, and what is read."""

from collections.abc import Callable

import pytest
import torch
from memory_tester import MemoryTester

from vosplug.errors import ConfigError
from vosplug.models.memory import (
    WorkingMemory,
    dot_similarity,
    read_objects,
    space_time_read,
    squared_distance_similarity,
)

SIZE = (2, 3)


class Video:
    """A memory with the state of one video."""

    def __init__(self, **options) -> None:
        self.memory = WorkingMemory(**options)
        self.state = self.memory.new_state()

    def __len__(self) -> int:
        return len(self.state)

    def write(self, t: int, keys: torch.Tensor, values: torch.Tensor, prompted: bool) -> None:
        """Keys (1, C, h, w) for all objects or (N, C, h, w), values (N, Cv, h, w)."""
        keys = keys if len(keys) == 1 else keys[None]
        self.memory.write(self.state, t, keys, values[None], [0] if prompted else [])

    def readout(self, key: torch.Tensor) -> torch.Tensor:
        """(C, h, w) to (N, Cv, h, w)."""
        return self.memory.readout(self.state, key[None])[0]

    def is_due(self, t: int, prompted: bool) -> bool:
        return self.memory.is_due(self.state, t, [0] if prompted else [])


def key(t: int) -> torch.Tensor:
    """Shared keys (1, 4, h, w) that say which frame they are of."""
    return torch.full((1, 4, *SIZE), float(t))


def values(t: int, objects: int = 1) -> torch.Tensor:
    return torch.full((objects, 1, *SIZE), float(t))


def fill(memory: Video, frames: range, prompted: tuple[int, ...] = (0,)) -> Video:
    for t in frames:
        memory.write(t, key(t), values(t), t in prompted)
    return memory


def nearest(memory: Video, t: int) -> float:
    """The remembered frame that frame ``t``'s key finds."""
    return memory.readout(key(t)[0])[0, 0, 0, 0].item()


def weights(similarity: torch.Tensor, top_k: int | None = None) -> torch.Tensor:
    """(B, Q, M) weights: what is read when every memory position has a value channel of its own."""
    identity = torch.eye(similarity.shape[-1]).expand(len(similarity), -1, -1)
    return space_time_read(similarity, identity, top_k).transpose(1, 2)


def test_weights_of_a_query_sum_to_1():
    found = weights(torch.randn(2, 5, 7))
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 5))


def test_top_k_keeps_the_best_k_of_every_query():
    similarity = torch.randn(2, 5, 9)
    found = weights(similarity, top_k=3)
    assert ((found > 0).sum(-1) == 3).all()
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 5))
    best = similarity.topk(3).values[..., -1:]
    torch.testing.assert_close(found, similarity.masked_fill(similarity < best, -torch.inf).softmax(-1))


def test_top_k_beyond_the_memory_keeps_all():
    similarity = torch.randn(1, 5, 4)
    assert torch.equal(weights(similarity, top_k=9), weights(similarity))


def test_similarity_is_the_squared_distance_up_to_the_query():
    memory, query = torch.randn(1, 8, 6), torch.randn(1, 8, 4)
    distance = torch.cdist(query.transpose(1, 2), memory.transpose(1, 2)).square()
    expected = (-distance / 8**0.5).softmax(-1)
    torch.testing.assert_close(squared_distance_similarity(memory, query).softmax(-1), expected)


def test_every_fifth_frame_and_the_previous_one_are_kept():
    memory = Video(mem_every=5)
    lengths = []
    for t in range(12):
        fill(memory, range(t, t + 1))
        lengths.append(len(memory))
    assert lengths == [1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4]


def test_the_previous_frame_is_replaced():
    memory = fill(Video(mem_every=100), range(30))
    assert len(memory) == 2
    assert nearest(memory, 29) == pytest.approx(29)
    assert nearest(fill(memory, range(30, 40)), 29) == pytest.approx(39)


def test_without_previous_only_due_frames_are_kept():
    memory = fill(Video(mem_every=5, include_previous=False), range(11))
    assert len(memory) == 3
    assert not memory.is_due(7, prompted=False)
    assert memory.is_due(10, prompted=False) and memory.is_due(7, prompted=True)


def test_the_oldest_unprompted_frame_goes_first():
    memory = fill(Video(mem_every=1, max_frames=3), range(50), prompted=(0, 20))
    assert len(memory) == 3 + 2
    kept = [frame.keys.flatten()[0].item() for frame in memory.state.frames]
    assert kept == [0, 20, 47, 48, 49]


def test_without_a_limit_all_due_frames_stay():
    assert len(fill(Video(mem_every=2, include_previous=False), range(100))) == 50


def test_a_late_object_is_read_only_from_frames_since_it_entered():
    memory = Video(mem_every=1)
    memory.write(0, key(0), values(0, 1), True)
    memory.write(1, key(1), values(1, 2), True)
    # the query is frame 0: object 0 finds it there, object 1 entered later and has frame 1 only
    query = torch.full((4, *SIZE), -50.0)
    read = memory.readout(query)
    assert read.shape == (2, 1, *SIZE)
    torch.testing.assert_close(read[0], torch.zeros(1, *SIZE))
    torch.testing.assert_close(read[1], torch.ones(1, *SIZE))


def test_objects_that_entered_together_read_as_if_alone():
    keys, query = torch.randn(3, 1, 4, *SIZE), torch.randn(4, *SIZE)
    stored = torch.randn(3, 2, 5, *SIZE)
    both, second = Video(top_k=4), Video(top_k=4)
    for t in range(3):
        both.write(t, keys[t], stored[t], True)
        second.write(t, keys[t], stored[t, 1:], True)
    torch.testing.assert_close(both.readout(query)[1:], second.readout(query))


@pytest.mark.parametrize('groups', [(1, 1), (1, 2)], ids=['shared', 'per object'])
def test_reading_in_chunks_changes_nothing(monkeypatch, groups):
    memory = Video(top_k=4)
    for t, objects, group in zip((0, 5), (1, 2), groups, strict=True):
        memory.write(t, torch.randn(group, 4, *SIZE), torch.randn(objects, 3, *SIZE), True)
    query = torch.randn(4, *SIZE)
    whole = memory.readout(query)
    monkeypatch.setattr('vosplug.models.memory.working_memory.MAX_PAIRS', 24)
    torch.testing.assert_close(memory.readout(query), whole)


def test_no_more_pairs_than_allowed_are_compared_at_a_time(monkeypatch):
    monkeypatch.setattr('vosplug.models.memory.working_memory.MAX_PAIRS', 40)
    memory, sizes = Video(), []
    memory.memory.similarity = lambda k, q: (
        sizes.append(len(k) * k.shape[-1] * q.shape[-1]) or dot_similarity(k, q)
    )
    memory.write(0, torch.randn(3, 4, *SIZE), torch.randn(3, 5, *SIZE), True)
    memory.readout(torch.randn(4, *SIZE))
    assert sizes == [3 * 6 * 2] * 3


@pytest.mark.parametrize('groups', [1, 3])
def test_clips_of_a_batch_and_their_objects_read_as_if_alone(groups):
    keys, values = torch.randn(2, groups, 4, 7), torch.randn(2, 3, 5, 7)
    query = torch.randn(2, 4, 6)
    read = read_objects(dot_similarity, keys, values, query, top_k=4)
    for b in range(2):
        for n in range(3):
            similarity = dot_similarity(keys[b : b + 1, n % groups], query[b : b + 1])
            alone = space_time_read(similarity, values[b : b + 1, n], top_k=4)
            torch.testing.assert_close(read[b, n], alone[0])


def filled_by_both(
    keys_of: Callable[[torch.Tensor, int], torch.Tensor], **options
) -> tuple[torch.Tensor, torch.Tensor]:
    """What is read with shared keys, and with those that ``keys_of`` makes of them; objects enter late."""
    shared, own = Video(mem_every=2, **options), Video(mem_every=2, **options)
    torch.manual_seed(1)
    for t, objects in enumerate((1, 3, 3, 4, 4, 4, 4, 4)):
        keys, stored = torch.randn(1, 4, *SIZE), torch.randn(objects, 5, *SIZE)
        prompted = t in (0, 1, 3)
        shared.write(t, keys, stored, prompted)
        own.write(t, keys_of(keys, objects), stored, prompted)
    query = torch.randn(4, *SIZE)
    return shared.readout(query), own.readout(query)


@pytest.mark.parametrize('options', [{}, dict(top_k=3), dict(max_frames=1), dict(similarity='dot')], ids=str)
def test_the_same_key_for_every_object_reads_as_one_for_all(options):
    shared, own = filled_by_both(lambda keys, objects: keys.expand(objects, -1, -1, -1), **options)
    assert shared.shape == (4, 5, *SIZE)
    torch.testing.assert_close(own, shared)


def test_other_objects_keys_change_nothing_for_an_object():
    def others_differ(keys: torch.Tensor, objects: int) -> torch.Tensor:
        keys = keys.repeat(objects, 1, 1, 1)
        keys[2:] += 100
        return keys

    shared, own = filled_by_both(others_differ)
    torch.testing.assert_close(own[:2], shared[:2])
    assert not torch.isclose(own[2:], shared[2:]).all()


def test_every_object_is_found_by_its_own_keys():
    memory = Video(mem_every=1)
    # where the first object's key of frame 0 matches, the second's of frame 1 does
    for t, places in enumerate(((0, 100), (100, 0))):
        memory.write(t, torch.cat([key(place) for place in places]), values(t, 2), True)
    assert memory.readout(key(0)[0])[:, 0, 0, 0].tolist() == pytest.approx([0, 1])


def test_dot_similarity_is_the_scaled_inner_product():
    memory, query = torch.randn(2, 16, 6), torch.randn(2, 16, 4)
    expected = torch.einsum('bcm,bcq->bqm', memory, query) / 4
    torch.testing.assert_close(dot_similarity(memory, query), expected)


@pytest.mark.parametrize(('similarity', 'found'), [('l2', 1.0), ('dot', 2.0)])
def test_the_similarity_decides_what_is_nearest(similarity, found):
    memory = Video(mem_every=1, similarity=similarity)
    memory.write(1, key(10), values(1), True)
    # further away, in the same direction
    memory.write(2, key(30), values(2), True)
    assert memory.readout(key(11)[0]).mean().item() == pytest.approx(found)


@pytest.mark.parametrize('option', ['mem_every', 'top_k'])
def test_no_frame_or_position_is_refused(option):
    with pytest.raises(ConfigError, match=rf'WorkingMemory.{option}: found 0, expected 1 or more'):
        WorkingMemory(**{option: 0})


def test_an_unknown_similarity_is_refused():
    with pytest.raises(ConfigError, match=r"similarity: found 'cosine', expected one of \['dot', 'l2'\]"):
        WorkingMemory(similarity='cosine')


class TestSharedKeys(MemoryTester):
    def config(self) -> dict:
        return dict(type='WorkingMemory', mem_every=3, max_frames=2, top_k=8)


class TestKeysPerObject(MemoryTester):
    def config(self) -> dict:
        return dict(type='WorkingMemory', mem_every=3, max_frames=2, similarity='dot')

    def written(self, objects: int = 2, batch: int = 1, seed: int = 0) -> torch.Tensor:
        """See the base; a key for each object."""
        shift = torch.arange(objects).view(-1, 1, 1, 1)
        return self.key(batch, seed).unsqueeze(1) + shift
