"""Working memory: keys and values of past frames, bounded independent of the video's length."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from .base_memory import BaseMemory
from .bounded_frames import BoundedFrames
from .space_time_read import dot_similarity, read_objects, squared_distance_similarity

# pairs of query and memory positions compared at a time: 64 MiB in float32, for any frame size
MAX_PAIRS = 2**24
SIMILARITIES = {'l2': squared_distance_similarity, 'dot': dot_similarity}


@dataclass
class _MemoryFrame:
    """Frame ``t``: values (B, n, Cv, P) of the first n objects, their keys (B, G, C, P), G = 1 or n."""

    t: int
    keys: Tensor
    values: Tensor
    prompted: bool

    @property
    def objects(self) -> int:
        return self.values.shape[1]


@dataclass
class WorkingMemoryState:
    """Frames of one video, or of a batch of clips.

    Invariants: prompted frames are never dropped, since only they are reliable; of the others, the oldest
    are evicted first. Objects are indexed in order of first appearance and never removed. Either
    all frames have one key for all objects, or all have one per object.

    Attributes:
        frames: memory frames.
        mem_every, include_previous, top_k: see :class:`WorkingMemory`.
        previous: the last frame, if it is not a memory frame.
    """

    frames: BoundedFrames[_MemoryFrame]
    mem_every: int
    include_previous: bool
    top_k: int | None
    previous: _MemoryFrame | None = None

    def __len__(self) -> int:
        return len(self.frames) + (self.previous is not None)

    def add(self, frame: _MemoryFrame) -> None:
        """Keep a frame if it is due, evicting the oldest."""
        self.previous = None
        if frame.prompted or frame.t % self.mem_every == 0:
            self.frames.add(frame)
        elif self.include_previous:
            self.previous = frame

    def groups(self) -> list[tuple[Tensor, Tensor]]:
        """Keys (B, G, C, M) and values (B, n, Cv, M) of objects that entered together, since they entered."""
        frames = self.frames + ([self.previous] if self.previous else [])
        found = []
        for known, entered in pairwise([0, *sorted({frame.objects for frame in frames})]):
            used = [frame for frame in frames if frame.objects >= entered]
            keys = [f.keys if f.keys.shape[1] == 1 else f.keys[:, known:entered] for f in used]
            values = [f.values[:, known:entered] for f in used]
            found.append((torch.cat(keys, -1), torch.cat(values, -1)))
        return found


@MODELS.register_module()
class WorkingMemory(BaseMemory):
    """At most ``max_frames`` memory frames, plus the previous one and all prompted ones.

    An object is matched only against memory frames since it entered. In training every frame of a clip is a
    memory frame, and all of them are read.

    Args:
        mem_every: every ``mem_every``-th frame is a memory frame.
        include_previous: whether memory always includes the previous frame.
        max_frames: maximum number of memory frames, not counting prompted ones; None: no limit.
        top_k: see :func:`match_weights`.
        similarity: ``'l2'``, :func:`squared_distance_similarity`, or ``'dot'``, :func:`dot_similarity`.
        init_cfg: mmengine's.

    Raises:
        ConfigError: an unknown similarity, or an interval or ``top_k`` below 1.
    """

    def __init__(
        self,
        mem_every: int = 5,
        include_previous: bool = True,
        max_frames: int | None = None,
        top_k: int | None = None,
        similarity: str = 'l2',
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if similarity not in SIMILARITIES:
            raise ConfigError(
                f'WorkingMemory.similarity: found {similarity!r}, expected one of {sorted(SIMILARITIES)}.'
            )
        if mem_every < 1:
            raise ConfigError(f'WorkingMemory.mem_every: found {mem_every}, expected 1 or more.')
        if top_k is not None and top_k < 1:
            raise ConfigError(f'WorkingMemory.top_k: found {top_k}, expected 1 or more, or None.')
        self.max_frames, self.options = max_frames, (mem_every, include_previous, top_k)
        self.similarity: Callable[[Tensor, Tensor], Tensor] = SIMILARITIES[similarity]

    def new_state(self) -> WorkingMemoryState:
        """See the base."""
        return WorkingMemoryState(BoundedFrames(self.max_frames), *self.options)

    def new_clip_state(self) -> WorkingMemoryState:
        """See the base."""
        return WorkingMemoryState(BoundedFrames(None), mem_every=1, include_previous=False, top_k=None)

    def shrink(self, state: WorkingMemoryState) -> bool:
        """See the base."""
        return state.frames.shrink()

    def is_due(self, state: WorkingMemoryState, t: int, prompted: Collection[int]) -> bool:
        """See the base."""
        return bool(prompted) or state.include_previous or t % state.mem_every == 0

    def write(
        self, state: WorkingMemoryState, t: int, key: Tensor, values: Tensor, prompted: Collection[int]
    ) -> None:
        """See the base; the key is (B, C, h, w) for all objects, or (B, N, C, h, w), one for each."""
        keys = key if key.ndim == 5 else key.unsqueeze(1)
        state.add(_MemoryFrame(t, keys.flatten(3), values.flatten(3), bool(prompted)))

    def readout(self, state: WorkingMemoryState, key: Tensor) -> Tensor:
        """See the base; the key is (B, C, h, w)."""
        query = key.flatten(2)
        read = [self._read_group(keys, values, query, state.top_k) for keys, values in state.groups()]
        return torch.cat(read, 1).unflatten(-1, key.shape[-2:])

    def _read_group(self, keys: Tensor, values: Tensor, query: Tensor, top_k: int | None) -> Tensor:
        """Readout (B, n, Cv, Q) for a query (B, C, Q), from keys (B, G, C, M) and values (B, n, Cv, M)."""
        per_query = keys.shape[0] * keys.shape[1] * keys.shape[-1]
        chunks = query.split(max(1, MAX_PAIRS // per_query), -1)
        return torch.cat([read_objects(self.similarity, keys, values, c, top_k) for c in chunks], -1)
