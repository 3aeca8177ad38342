"""Keys and values of past frames, bounded whatever the length of the video."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ...registry import MODELS
from .space_time_read import space_time_read, squared_distance_similarity

# query and memory positions compared at a time: 64 MiB in float32, whatever the frame's size
MAX_PAIRS = 2**24


@dataclass
class _MemoryFrame:
    """Remembered frame ``t``: key (C, P), values (n, Cv, P) of the first n objects."""

    t: int
    key: Tensor
    values: Tensor
    permanent: bool


@MODELS.register_module()
class WorkingMemory:
    """At most ``max_frames`` remembered frames, plus the previous one and every prompted one.

    Invariants: a prompted frame is never dropped, it is the only sure evidence of its objects; of the
    others the oldest goes first. An object is matched only against frames remembered since it entered.
    Objects are indexed in order of first appearance and never removed.

    Args:
        mem_every: every so many frames one stays.
        include_previous: whether the last frame is always there, replaced at every step.
        max_frames: most frames that stay, prompted ones not counted; None: no limit.
        top_k: see :func:`space_time_read`.
    """

    def __init__(
        self,
        mem_every: int = 5,
        include_previous: bool = True,
        max_frames: int | None = None,
        top_k: int | None = None,
    ) -> None:
        self.mem_every = mem_every
        self.include_previous = include_previous
        self.max_frames = max_frames
        self.top_k = top_k
        self._frames: list[_MemoryFrame] = []
        self._previous: _MemoryFrame | None = None

    def __len__(self) -> int:
        return len(self._frames) + (self._previous is not None)

    def add(self, t: int, key: Tensor, values: Tensor, prompted: bool) -> None:
        """Remember frame ``t`` if it is due; a second call for a frame replaces the first.

        Args:
            t: frame index.
            key: (C, h, w).
            values: (N, Cv, h, w) of all objects known by now.
            prompted: the user gave or corrected an object in this frame.
        """
        frame = _MemoryFrame(t, key.flatten(1), values.flatten(2), prompted)
        self._previous = None
        if self._frames and self._frames[-1].t == t:
            self._frames.pop()
        if prompted or t % self.mem_every == 0:
            self._frames.append(frame)
            self._evict()
        elif self.include_previous:
            self._previous = frame

    def is_due(self, t: int, prompted: bool) -> bool:
        """Whether ``add`` would keep frame ``t``, so that its values need not be computed for nothing."""
        return prompted or self.include_previous or t % self.mem_every == 0

    def _evict(self) -> None:
        dropped = [i for i, frame in enumerate(self._frames) if not frame.permanent]
        if self.max_frames is not None and len(dropped) > self.max_frames:
            del self._frames[dropped[0]]

    def read(self, query_key: Tensor) -> Tensor:
        """Values read for every object.

        Args:
            query_key: (C, h, w).

        Returns:
            Tensor: (N, Cv, h, w).
        """
        frames = self._frames + ([self._previous] if self._previous else [])
        keys = torch.cat([frame.key for frame in frames], 1)
        chunks = query_key.flatten(1).split(max(1, MAX_PAIRS // keys.shape[1]), 1)
        read = torch.cat([self._read_chunk(frames, keys, chunk) for chunk in chunks], -1)
        return read.unflatten(-1, query_key.shape[-2:])

    def _read_chunk(self, frames: list[_MemoryFrame], keys: Tensor, query: Tensor) -> Tensor:
        """Values (N, Cv, Q) read for the query positions (C, Q)."""
        similarity = squared_distance_similarity(keys[None], query[None])
        rows = similarity.split([frame.key.shape[1] for frame in frames], -1)
        counts = [frame.values.shape[0] for frame in frames]
        read = []
        known = 0
        # objects that entered together share their frames, and so the weights
        for entered in sorted(set(counts)):
            used = [i for i, count in enumerate(counts) if count >= entered]
            values = torch.cat([frames[i].values[known:entered] for i in used], 2)
            group = space_time_read(
                torch.cat([rows[i] for i in used], -1), values.flatten(0, 1)[None], self.top_k
            )
            read.append(group[0].unflatten(0, values.shape[:2]))
            known = entered
        return torch.cat(read)
