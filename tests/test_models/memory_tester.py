"""The contract of memories; one joins by naming its config and its keys.

>>> class TestMine(MemoryTester):
...     def config(self):
...         return dict(type='MyMemory')
"""

import copy
from abc import ABC, abstractmethod

import pytest
import torch
from small_videos import tensor_bytes

from vosplug.models import BaseMemory
from vosplug.registry import MODELS

SIZE = (3, 4)


class MemoryTester(ABC):
    """What segmentors rely on."""

    value_channels = read_channels = 5

    @abstractmethod
    def config(self) -> dict:
        """Config of a memory with small limits."""

    def key(self, batch: int = 1, seed: int = 0):
        """Key of a frame, as the memory takes it."""
        return torch.randn(batch, 4, *SIZE, generator=torch.Generator().manual_seed(seed))

    def written(self, objects: int = 2, batch: int = 1, seed: int = 0):
        """The same frame's key as it is written, of so many objects."""
        return self.key(batch, seed)

    @classmethod
    def values(cls, objects: int = 2, batch: int = 1, seed: int = 0) -> torch.Tensor:
        shape = batch, objects, cls.value_channels, *SIZE
        return torch.randn(shape, generator=torch.Generator().manual_seed(seed))

    @pytest.fixture
    def memory(self) -> BaseMemory:
        return MODELS.build(self.config()).eval()

    def fill(self, memory: BaseMemory, state, frames: range, objects: int = 2, seed: int = 0) -> None:
        """Write frames if they are due, the first one prompted, and read each before."""
        for t in frames:
            prompted = range(objects) if t == 0 else ()
            if t:
                memory.readout(state, self.key(seed=seed + t))
            if memory.is_due(state, t, prompted):
                key, values = self.written(objects, seed=seed + t), self.values(objects, seed=seed + t)
                memory.write(state, t, key, values, prompted)

    def test_a_readout_has_values_of_every_object(self, memory):
        state = memory.new_state()
        self.fill(memory, state, range(8))
        read = memory.readout(state, self.key(seed=99))
        assert read.shape == (1, 2, self.read_channels, *SIZE) and read.isfinite().all()

    def test_what_was_written_decides_what_is_read(self, memory):
        found = []
        for seed in (0, 1):
            state = memory.new_state()
            memory.write(state, 0, self.written(), self.values(seed=seed), [0, 1])
            found.append(memory.readout(state, self.key(seed=5)))
        assert (found[0] - found[1]).abs().max() > 1e-3

    def test_prompted_frames_are_always_due(self, memory):
        state = memory.new_state()
        self.fill(memory, state, range(4))
        assert memory.is_due(state, 4, [1])

    def test_a_state_is_bounded(self, memory):
        state, sizes = memory.new_state(), []
        for t in range(120):
            self.fill(memory, state, range(t, t + 1))
            sizes.append(tensor_bytes(state))
        assert 0 < max(sizes[60:]) <= max(sizes[:60])

    def test_a_state_that_shrinks_keeps_its_objects_and_its_new_bound(self, memory):
        state = memory.new_state()
        self.fill(memory, state, range(4), objects=1)
        memory.write(state, 4, self.written(3, seed=3), self.values(3, seed=3), [1, 2])
        self.fill(memory, state, range(5, 40), objects=3)
        sizes = [tensor_bytes(state)]
        while memory.shrink(state):
            sizes.append(tensor_bytes(state))
            assert sizes[-1] <= sizes[-2] and len(sizes) < 20
            read = memory.readout(state, self.key(seed=9))
            assert read.shape == (1, 3, self.read_channels, *SIZE) and read.isfinite().all()
        assert len(sizes) == 1 or sizes[-1] < sizes[0]
        for t in range(40, 120):
            self.fill(memory, state, range(t, t + 1), objects=3)
            assert tensor_bytes(state) <= sizes[0]

    def test_states_do_not_meet(self, memory):
        alone, ours, theirs = memory.new_state(), memory.new_state(), memory.new_state()
        for t in range(9):
            self.fill(memory, alone, range(t, t + 1))
        for t in range(9):
            self.fill(memory, ours, range(t, t + 1))
            self.fill(memory, theirs, range(t, t + 1), objects=1, seed=100)
        query = self.key(seed=77)
        assert torch.equal(memory.readout(ours, query), memory.readout(alone, query))

    @torch.no_grad()
    def test_a_copied_state_goes_its_own_way(self, memory):
        state = memory.new_state()
        self.fill(memory, state, range(3))
        fork, query = copy.deepcopy(state), self.key(seed=77)
        before = memory.readout(copy.deepcopy(state), query)
        self.fill(memory, fork, range(3, 9), seed=50)
        assert torch.equal(memory.readout(state, query), before)

    def test_objects_may_enter_late(self, memory):
        state = memory.new_state()
        self.fill(memory, state, range(3), objects=1)
        memory.write(state, 3, self.written(3, seed=3), self.values(3, seed=3), [1, 2])
        assert memory.readout(state, self.key(seed=9)).shape == (1, 3, self.read_channels, *SIZE)
        self.fill(memory, state, range(4, 12), objects=3)
        assert memory.readout(state, self.key(seed=9)).isfinite().all()

    def test_clips_of_a_batch_are_read_as_if_alone(self, memory):
        def read(pick: slice) -> torch.Tensor:
            state = memory.new_clip_state()
            for t in range(3):
                key, values = self.written(2, 2, seed=t), self.values(2, 2, seed=t)
                memory.write(state, t, self.picked(key, pick), values[pick], range(2) if t == 0 else ())
            return memory.readout(state, self.picked(self.key(2, seed=9), pick))

        both = read(slice(None))
        assert both.shape == (2, 2, self.read_channels, *SIZE)
        for b in range(2):
            torch.testing.assert_close(both[b : b + 1], read(slice(b, b + 1)))

    @staticmethod
    def picked(key, pick: slice):
        """Some clips' part of a key."""
        return key[pick] if isinstance(key, torch.Tensor) else type(key)(*(part[pick] for part in key))

    def test_gradients_reach_the_first_and_the_newest_frame_of_a_clip(self, memory):
        state, written = memory.new_clip_state(), []
        for t in range(3):
            written.append(self.values(seed=t).requires_grad_())
            assert memory.is_due(state, t, ())
            memory.write(state, t, self.written(seed=t), written[-1], range(2) if t == 0 else ())
        memory.readout(state, self.key(seed=2)).square().sum().backward()
        assert written[0].grad.abs().sum() > 0 and written[-1].grad.abs().sum() > 0
