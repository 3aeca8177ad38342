"""Working and long-term memory of a group of objects that share keys."""

from typing import NamedTuple

import torch
from torch import Tensor

from .element_store import ElementStore
from .long_term_options import LongTermOptions
from .space_time_read import anisotropic_similarity, match_weights, read_values, usage_of
from .working_memory import MAX_PAIRS


class Consolidation(NamedTuple):
    """Result of a consolidation, for other groups that share the same keys.

    ``kept``: which prototypes (L,) were kept, bool; None if all were. ``chosen``: the candidates (P,) that
    became prototypes, and ``similarity`` (P, M) of these to all M candidates.
    """

    kept: Tensor | None
    chosen: Tensor
    similarity: Tensor


class GroupMemory:
    """Memory of objects that entered together.

    Invariants: ``work`` starts with their first frame, which is never dropped, and ends with the newest;
    both stores are bounded by the options, independent of the length of the video.

    Args:
        options: limits.
        frame: elements of their first frame.
    """

    def __init__(self, options: LongTermOptions, frame: ElementStore) -> None:
        self.options = options
        self.frame_size = len(frame)
        self.work = frame
        self.long = frame[[]]  # empty; unlike a slice, it does not keep the frame

    @property
    def objects(self) -> int:
        """Number of objects."""
        return len(self.work.values)

    def add(self, frame: ElementStore) -> Consolidation | None:
        """Add a frame; older frames are consolidated or dropped beyond the limits."""
        self.work = self.work + frame
        frames = len(self.work) // self.frame_size
        if not self.options.enable_long_term:
            if frames > self.options.max_work_frames:
                self._forget(self.frame_size, 2 * self.frame_size)
        elif frames >= self.options.max_mid_term_frames:
            return self._consolidate(self._make_room())
        return None

    def read(self, key: Tensor, selection: Tensor) -> Tensor:
        """Readout (n, Cv, Q) for query positions, key and selection (C, Q); counts as one readout."""
        memory = self.long + self.work if self.long else self.work
        read, used = read_elements(memory, key, selection, self.options.top_k)
        self.long.update_usage(used[: len(self.long)])
        self.work.update_usage(used[len(self.long) :])
        return read

    def shrink(self, options: LongTermOptions) -> None:
        """Apply lower limits: the oldest prototypes, and the oldest frames after the first, are dropped."""
        self.options = options
        self.long = self.long[max(0, len(self.long) - options.max_long_term_elements) :]
        most = options.max_mid_term_frames - 1 if options.enable_long_term else options.max_work_frames
        excess = len(self.work) // self.frame_size - most
        if excess > 0:
            self._forget(self.frame_size, (1 + excess) * self.frame_size)

    def _forget(self, start: int, stop: int) -> None:
        self.work = self.work[:start] + self.work[stop:]

    def _make_room(self) -> Tensor | None:
        """Drop the least used prototypes; ties are evicted too.

        If all are tied, the oldest are evicted instead.
        """
        excess = len(self.long) - (self.options.max_long_term_elements - self.options.num_prototypes)
        if excess <= 0:
            return None
        usage = self.long.usage
        kept = usage > usage.kthvalue(excess).values
        if not kept.any():
            kept = torch.arange(len(usage), device=usage.device) >= excess
        self.long = self.long[kept]
        return kept

    def _consolidate(self, kept: Tensor | None) -> Consolidation:
        """Consolidate old elements: the most used become prototypes, which aggregate the values of all.

        Cheng & Schwing 2022, Sec. 3.4 (prototype selection and memory potentiation).
        """
        stop = len(self.work) - (self.options.min_mid_term_frames - 1) * self.frame_size
        old = self.work[self.frame_size : stop]
        chosen = old.usage.topk(min(self.options.num_prototypes, len(old))).indices
        key, selection = old.key[:, chosen], old.selection[:, chosen]
        similarity = anisotropic_similarity(old.key[None], old.shrinkage[None], key[None], selection[None])
        weights, _ = match_weights(similarity)
        prototypes = ElementStore.fresh(
            key,
            read_values(old.shrinkage[None, None], weights, None)[0, 0],
            selection,
            read_values(old.values.flatten(0, 1)[None], weights, None)[0].unflatten(0, old.values.shape[:2]),
        )
        self.long = self.long + prototypes
        self._forget(self.frame_size, stop)
        return Consolidation(kept, chosen, similarity[0])


def read_elements(
    memory: ElementStore, key: Tensor, selection: Tensor, top_k: int | None
) -> tuple[Tensor, Tensor]:
    """Readout (n, Cv, Q) for query positions, key and selection (C, Q), and the usage (M,)."""
    read, used = [], torch.zeros_like(memory.use)
    table = memory.values.flatten(0, 1)[None]
    width = max(1, MAX_PAIRS // len(memory))
    for part, chosen in zip(key.split(width, -1), selection.split(width, -1), strict=True):
        similarity = anisotropic_similarity(
            memory.key[None], memory.shrinkage[None], part[None], chosen[None]
        )
        weights, where = match_weights(similarity, top_k)
        used = used + usage_of(weights, where, len(memory))[0]
        read.append(read_values(table, weights, where)[0])
    return torch.cat(read, -1).unflatten(0, memory.values.shape[:2]), used
