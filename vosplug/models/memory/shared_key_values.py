"""Values of later objects that share the keys of the first ones, as in XMem's published network."""

from dataclasses import replace

import torch
from torch import Tensor

from .group_memory import Consolidation, GroupMemory, read_elements
from .long_term_options import LongTermOptions
from .space_time_read import space_time_read


class SharedKeyValues:
    """Values of later objects that share the newest keys of a leading group (``share_keys``).

    Invariant: ``work`` (n, Cv, Mw) and ``long`` (n, Cv, Ml) belong to the last Mw and Ml keys of the leader.
    """

    def __init__(self, leader: GroupMemory, values: Tensor) -> None:
        self.leader = leader
        self.work = values
        self.long = values[..., :0]

    @property
    def objects(self) -> int:
        """Number of objects."""
        return len(self.work)

    def add(self, values: Tensor, change: Consolidation | None) -> None:
        """Add values (n, Cv, P) of a frame that the leader has just added, with its consolidation."""
        self.work = torch.cat([self.work, values], -1)
        if change is not None:
            if change.kept is not None:
                self.long = self.long[..., change.kept[len(change.kept) - self.long.shape[-1] :]]
            self._consolidate(change)
        elif self.work.shape[-1] > len(self.leader.work):
            self._forget(2 * self.leader.frame_size)

    def shrink(self, options: LongTermOptions) -> None:
        """Keep the values whose keys the leader, which is shrunk first, still has."""
        self.long = self.long[..., max(0, self.long.shape[-1] - len(self.leader.long)) :]
        excess = self.work.shape[-1] - len(self.leader.work)
        if excess > 0:
            self._forget(self.leader.frame_size + excess)

    def read(self, key: Tensor, selection: Tensor) -> Tensor:
        """Readout (n, Cv, Q) for query positions, key and selection (C, Q)."""
        work, long = self.leader.work, self.leader.long
        memory = replace(work[len(work) - self.work.shape[-1] :], values=self.work)
        if self.long.shape[-1]:
            memory = replace(long[len(long) - self.long.shape[-1] :], values=self.long) + memory
        return read_elements(memory, key, selection, self.leader.options.top_k)[0]

    def _consolidate(self, change: Consolidation) -> None:
        """Consolidate as in :meth:`GroupMemory.add`, with the leader's prototypes."""
        size, frames = self.leader.frame_size, self.leader.options.min_mid_term_frames
        length = self.work.shape[-1]
        if length < (frames + 1) * size:
            return
        stop = length - (frames - 1) * size
        old = self.work[..., size:stop]
        if length > (frames + 1) * size:
            candidates = change.similarity.shape[-1]
            valid = change.chosen >= candidates - old.shape[-1]
            similarity = change.similarity[None, valid, -old.shape[-1] :]
            made = space_time_read(similarity, old.flatten(0, 1)[None])[0]
            self.long = torch.cat([self.long, made.unflatten(0, old.shape[:2])], -1)
        self._forget(stop)

    def _forget(self, stop: int) -> None:
        """Drop values between the first frame and ``stop``."""
        self.work = torch.cat([self.work[..., : self.leader.frame_size], self.work[..., stop:]], -1)
