"""Mappings whose values are made on access."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

Key = TypeVar('Key')
Value = TypeVar('Value')


class LazyValues(Mapping[Key, Value]):
    """The keys of another mapping, with values made from its own on every access.

    Args:
        given: the other mapping.
        make: makes a value.
    """

    def __init__(self, given: Mapping[Key, Any], make: Callable[[Any], Value]) -> None:
        self.given, self.make = given, make

    def __getitem__(self, key: Key) -> Value:
        return self.make(self.given[key])

    def __iter__(self) -> Iterator[Key]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)
