"""Keys and values of past frames, bounded whatever the length of the video."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from .space_time_read import dot_similarity, read_objects, squared_distance_similarity

# query and memory positions compared at a time: 64 MiB in float32, whatever the frame's size
MAX_PAIRS = 2**24
SIMILARITIES = {'l2': squared_distance_similarity, 'dot': dot_similarity}


@dataclass
class _MemoryFrame:
    """Remembered frame ``t``: values (n, Cv, P) of the first n objects, their keys (G, C, P), G = 1 or n."""

    t: int
    keys: Tensor
    values: Tensor
    permanent: bool


@MODELS.register_module()
class WorkingMemory:
    """At most ``max_frames`` remembered frames, plus the previous one and every prompted one.

    Invariants: a prompted frame is never dropped, it is the only sure evidence of its objects; of the
    others the oldest goes first. An object is matched only against frames remembered since it entered.
    Objects are indexed in order of first appearance and never removed. Either all frames have one key for
    all objects, or all have one per object.

    Args:
        mem_every: every so many frames one stays.
        include_previous: whether the last frame is always there, replaced at every step.
        max_frames: most frames that stay, prompted ones not counted; None: no limit.
        top_k: see :func:`match_weights`.
        similarity: ``'l2'``, :func:`squared_distance_similarity`, or ``'dot'``, :func:`dot_similarity`.

    Raises:
        ConfigError: an unknown similarity.
    """

    def __init__(
        self,
        mem_every: int = 5,
        include_previous: bool = True,
        max_frames: int | None = None,
        top_k: int | None = None,
        similarity: str = 'l2',
    ) -> None:
        if similarity not in SIMILARITIES:
            raise ConfigError(
                f'WorkingMemory.similarity: found {similarity!r}, expected one of {sorted(SIMILARITIES)}.'
            )
        self.mem_every = mem_every
        self.include_previous = include_previous
        self.max_frames = max_frames
        self.top_k = top_k
        self.similarity = SIMILARITIES[similarity]
        self._frames: list[_MemoryFrame] = []
        self._previous: _MemoryFrame | None = None

    def __len__(self) -> int:
        return len(self._frames) + (self._previous is not None)

    def add(self, t: int, keys: Tensor, values: Tensor, prompted: bool) -> None:
        """Remember frame ``t`` if it is due; a second call for a frame replaces the first.

        Args:
            t: frame index.
            keys: (1, C, h, w) for all objects, or (N, C, h, w), one for each.
            values: (N, Cv, h, w) of all objects known by now.
            prompted: the user gave or corrected an object in this frame.
        """
        frame = _MemoryFrame(t, keys.flatten(2), values.flatten(2), prompted)
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
        query = query_key.flatten(1)
        read, known = [], 0
        # objects that entered together share their frames
        for entered in sorted({len(frame.values) for frame in frames}):
            used = [frame for frame in frames if len(frame.values) >= entered]
            keys = [f.keys if len(f.keys) == 1 else f.keys[known:entered] for f in used]
            values = [f.values[known:entered] for f in used]
            read.append(self._read_group(torch.cat(keys, -1), torch.cat(values, -1), query))
            known = entered
        return torch.cat(read).unflatten(-1, query_key.shape[-2:])

    def _read_group(self, keys: Tensor, values: Tensor, query: Tensor) -> Tensor:
        """Values (n, Cv, Q) read with the query (C, Q) from keys (G, C, M) and values (n, Cv, M)."""
        chunks = query.split(max(1, MAX_PAIRS // (len(keys) * keys.shape[-1])), 1)
        read = [
            read_objects(self.similarity, keys[None], values[None], chunk[None], self.top_k)
            for chunk in chunks
        ]
        return torch.cat(read, -1)[0]
