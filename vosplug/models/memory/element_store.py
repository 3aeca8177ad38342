"""Memory elements with their usage."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

# life of an element that was never read, so that its usage is 0, not 0/0
UNREAD = 1e-7


@dataclass
class ElementStore:
    """M memory positions of n objects.

    Invariant: the last axis of every field is the same M, in the order of writing.

    Args:
        key: (C, M).
        shrinkage: (M,).
        selection: (C, M); unused for prototypes, which are never queries again.
        values: (n, Cv, M).
        use: (M,), readout weights of each, summed over queries and readouts.
        life: (M,), readouts since it was written.
    """

    key: Tensor
    shrinkage: Tensor
    selection: Tensor
    values: Tensor
    use: Tensor
    life: Tensor

    @classmethod
    def fresh(cls, key: Tensor, shrinkage: Tensor, selection: Tensor, values: Tensor) -> 'ElementStore':
        """Elements that have not been read yet."""
        unread = torch.zeros_like(shrinkage)
        return cls(key, shrinkage, selection, values, unread, unread + UNREAD)

    def __len__(self) -> int:
        return self.key.shape[-1]

    def __getitem__(self, which: slice | Tensor | list[int]) -> 'ElementStore':
        return ElementStore(*(getattr(self, field.name)[..., which] for field in fields(self)))

    def __add__(self, other: 'ElementStore') -> 'ElementStore':
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return ElementStore(*(torch.cat(pair, -1) for pair in pairs))

    @property
    def usage(self) -> Tensor:
        """(M,): use per readout."""
        return self.use / self.life

    def update_usage(self, weights: Tensor) -> None:
        """Count a readout: ``weights`` (M,), summed over its queries."""
        self.use = self.use + weights
        self.life = self.life + 1
