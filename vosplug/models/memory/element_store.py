"""Memory elements with their usage."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

# the life of an element that was never read: its usage is 0, not 0/0
UNREAD = 1e-7


@dataclass
class ElementStore:
    """M remembered positions of n objects.

    Invariant: the last axis of every field is the same M, in the order of remembering.

    Args:
        key: (C, M).
        shrinkage: (M,).
        selection: (C, M); a prototype is never a query again, its selection is kept only for form.
        values: (n, Cv, M).
        use: (M,), weights with which each was read, summed over queries and reads.
        life: (M,), reads since it was remembered.
    """

    key: Tensor
    shrinkage: Tensor
    selection: Tensor
    values: Tensor
    use: Tensor
    life: Tensor

    @classmethod
    def fresh(cls, key: Tensor, shrinkage: Tensor, selection: Tensor, values: Tensor) -> 'ElementStore':
        """Elements that were not read yet."""
        unread = torch.zeros_like(shrinkage)
        return cls(key, shrinkage, selection, values, unread, unread + UNREAD)

    def __len__(self) -> int:
        return self.key.shape[-1]

    def __getitem__(self, which: slice | Tensor) -> 'ElementStore':
        return ElementStore(*(getattr(self, field.name)[..., which] for field in fields(self)))

    def __add__(self, other: 'ElementStore') -> 'ElementStore':
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return ElementStore(*(torch.cat(pair, -1) for pair in pairs))

    @property
    def usage(self) -> Tensor:
        """(M,): use per read."""
        return self.use / self.life

    def update_usage(self, weights: Tensor) -> None:
        """Count a read: ``weights`` (M,), summed over its queries."""
        self.use = self.use + weights
        self.life = self.life + 1
