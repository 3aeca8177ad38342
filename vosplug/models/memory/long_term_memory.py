"""XMem's memory: recent frames as they are, older ones as a bounded number of prototypes."""

import torch
from torch import Tensor

from ...registry import MODELS
from .element_store import ElementStore
from .following_values import FollowingValues
from .group_memory import GroupMemory
from .key_projection import AnisotropicKey
from .long_term_options import LongTermOptions


@MODELS.register_module()
class LongTermMemory:
    """Memory of all objects; those that entered together are a group.

    An object is matched only against frames remembered since it entered. Memory is bounded by the options
    and the number of groups.

    Args:
        share_keys: later groups keep only values, under the newest keys of the first group, as in the
            published network. Once frames were consolidated these keys are no longer those of the frames
            that the values come from; without it, each group has a memory of its own.
        options: of :class:`LongTermOptions`.
    """

    def __init__(self, share_keys: bool = False, **options) -> None:
        self.options = LongTermOptions(**options)
        self.share_keys = share_keys
        self.groups: list[GroupMemory | FollowingValues] = []
        self._newest = -1

    def add(self, t: int, key: AnisotropicKey, values: Tensor) -> None:
        """Remember frame ``t``; a second call for a frame replaces the values of the first.

        Args:
            t: frame index.
            key: of the frame, each part (C, h, w).
            values: (N, Cv, h, w) of all objects known by now.
        """
        flat, shrinkage, selection = (part.flatten(1) for part in key)
        values = values.flatten(2)
        known, change = 0, None
        for group in self.groups:
            own = values[known : known + group.objects]
            known += group.objects
            if t == self._newest:
                group.replace_newest(own)
            elif isinstance(group, FollowingValues):
                group.add(own, change)
            else:
                change = group.add(ElementStore.fresh(flat, shrinkage[0], selection, own))
        if known < len(values):
            own = values[known:]
            if self.share_keys and self.groups:
                self.groups.append(FollowingValues(self.groups[0], own))
            else:
                entered = ElementStore.fresh(flat, shrinkage[0], selection, own)
                self.groups.append(GroupMemory(self.options, entered))
        self._newest = t

    def read(self, query: AnisotropicKey) -> Tensor:
        """Values (N, Cv, h, w) that the frame with this key (each part (C, h, w)) reads."""
        key, selection = query.key.flatten(1), query.selection.flatten(1)
        read = torch.cat([group.read(key, selection) for group in self.groups])
        return read.unflatten(-1, query.key.shape[-2:])
