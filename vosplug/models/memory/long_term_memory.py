"""XMem's memory: recent frames, and a bounded number of prototypes of older ones."""

from collections.abc import Collection
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from .base_memory import BaseMemory
from .element_store import ElementStore
from .group_memory import GroupMemory
from .key_projection import AnisotropicKey
from .long_term_options import LongTermOptions
from .sampled_clip_memory import SampledClipState
from .shared_key_values import SharedKeyValues


class LongTermMemoryState:
    """Memory of one video (B = 1): groups of objects that entered together, and the times of updates.

    Args:
        mem_every, deep_update_every, share_keys: see :class:`LongTermMemory`.
        options: limits of every group.

    Attributes:
        deep_update_replaces: a deep update replaces the decoder's update in its frame.
    """

    def __init__(
        self, mem_every: int, deep_update_every: int, share_keys: bool, options: LongTermOptions
    ) -> None:
        self.mem_every, self.deep_update_every = mem_every, deep_update_every
        self.share_keys, self.options = share_keys, options
        self.groups: list[GroupMemory | SharedKeyValues] = []
        self.last_frame = 0
        self.last_deep_update: int | None = None
        self.deep_update_replaces = deep_update_every < 0

    def is_due(self, t: int, prompted: Collection[int]) -> bool:
        """See :meth:`BaseMemory.is_due`."""
        return bool(prompted) or t - self.last_frame >= self.mem_every

    def deep_update_is_due(self, t: int) -> bool:
        """Whether frame ``t``, about to be written, renews the sensory state from its values."""
        last = self.last_deep_update
        due = self.deep_update_every < 0 or last is None or t - last >= self.deep_update_every
        if due:
            self.last_deep_update = t
        return due

    def add(self, t: int, key: AnisotropicKey, values: Tensor) -> None:
        """See :meth:`BaseMemory.write`."""
        flat, shrinkage, selection = (part[0].flatten(1) for part in key)
        elements = partial(ElementStore.fresh, flat, shrinkage[0], selection)
        known = [group.objects for group in self.groups]
        *old, new = values[0].flatten(2).split([*known, values.shape[1] - sum(known)])
        change = None
        for group, own in zip(self.groups, old, strict=True):
            if isinstance(group, SharedKeyValues):
                group.add(own, change)
            else:
                change = group.add(elements(own))
        leader = self.groups[0] if self.groups else None
        if len(new) and self.share_keys and isinstance(leader, GroupMemory):
            self.groups.append(SharedKeyValues(leader, new))
        elif len(new):
            self.groups.append(GroupMemory(self.options, elements(new)))
        self.last_frame = t

    def shrink(self) -> bool:
        """See :meth:`BaseMemory.shrink`."""
        options = self.options.halved()
        if options == self.options:
            return False
        self.options = options
        for group in self.groups:  # a leader comes before those that share its keys
            group.shrink(options)
        return True

    def read(self, query: AnisotropicKey) -> Tensor:
        """See :meth:`BaseMemory.readout`."""
        key, selection = query.key[0].flatten(1), query.selection[0].flatten(1)
        read = torch.cat([group.read(key, selection) for group in self.groups])
        return read.unflatten(-1, query.key.shape[-2:])[None]


@MODELS.register_module()
class LongTermMemory(BaseMemory):
    """Working and long-term memory of all objects (Cheng & Schwing 2022, XMem, Sec. 3.3 and 3.4).

    An object is matched only against memory frames since it entered. Memory is bounded by the options and the
    number of groups. In training all frames of a clip are kept, and some are sampled for each readout.

    Args:
        mem_every: interval between memory frames.
        deep_update_every: frames between two deep updates of the sensory state; -1: with every memory frame.
        share_keys: later groups store only values, with the newest keys of the first group, as in the
            published network. After a consolidation these keys no longer belong to the frames of the
            values; without it, each group has its own memory.
        init_cfg: mmengine's.
        options: of :class:`LongTermOptions`.

    Raises:
        ConfigError: inconsistent limits.
    """

    def __init__(
        self,
        mem_every: int = 5,
        deep_update_every: int = -1,
        share_keys: bool = False,
        init_cfg: dict | None = None,
        **options: Any,
    ) -> None:
        super().__init__(init_cfg)
        if mem_every < 1:
            raise ConfigError(f'model.memory.mem_every: found {mem_every}, expected 1 or more.')
        self.limits = (mem_every, deep_update_every, share_keys, LongTermOptions(**options))

    def new_state(self) -> LongTermMemoryState:
        """See the base."""
        return LongTermMemoryState(*self.limits)

    def new_clip_state(self, num_ref_frames: int = 3, deep_update_prob: float = 0.0) -> SampledClipState:
        """See the base.

        Args:
            num_ref_frames: frames that a readout sees.
            deep_update_prob: see :class:`SampledClipState`.
        """
        return SampledClipState(num_ref_frames, deep_update_prob, self.training)

    def shrink(self, state: LongTermMemoryState | SampledClipState) -> bool:
        """See the base; training keeps all frames of its clip."""
        return isinstance(state, LongTermMemoryState) and state.shrink()

    def is_due(
        self, state: LongTermMemoryState | SampledClipState, t: int, prompted: Collection[int]
    ) -> bool:
        """See the base."""
        return state.is_due(t, prompted)

    def write(
        self,
        state: LongTermMemoryState | SampledClipState,
        t: int,
        key: AnisotropicKey,
        values: Tensor,
        prompted: Collection[int],
    ) -> None:
        """See the base."""
        state.add(t, key, values)

    def readout(self, state: LongTermMemoryState | SampledClipState, key: AnisotropicKey) -> Tensor:
        """See the base."""
        return state.read(key)
