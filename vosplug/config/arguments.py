"""Check of constructor arguments by their type hints."""

import functools
import inspect
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, Struct, UnsetType

from .schema import check_keys


def check_arguments(component: type, given: Mapping[str, Any], where: str = '', args: Sequence = ()) -> None:
    """Raise a ConfigError that names the first argument whose type differs from its hint.

    Arguments passed to a base class through ``**kwargs`` have the base's hints. Missing and unknown
    arguments are left to the constructor, as are hints that are classes, for which a config may give a dict.

    Args:
        component: the class.
        given: keyword arguments.
        where: prefix of the arguments in messages; the class's name by default.
        args: positional arguments.
    """
    _, *names = inspect.signature(component.__init__).parameters  # type: ignore[misc]
    values = {**dict(zip(names, args, strict=False)), **given}
    check_keys({k: _plain(v) for k, v in values.items()}, _schema(component), where or component.__name__)


@functools.cache
def _schema(component: type) -> type[Struct]:
    """A record of the arguments whose hints can be checked."""
    hints: dict[str, Any] = {}
    for base in component.__mro__:
        if '__init__' in vars(base):
            for name, hint in typing.get_type_hints(base.__init__).items():  # type: ignore[misc]
                hints.setdefault(name, hint)
    fields = [(k, hint | UnsetType, UNSET) for k, hint in hints.items() if k != 'return' and _is_plain(hint)]
    return msgspec.defstruct(component.__name__, fields)


def _is_plain(hint: Any) -> bool:
    """Whether a hint consists of numbers, texts and containers."""
    try:
        kinds = list(_kinds(msgspec.inspect.type_info(hint)))
    except TypeError:  # raised for unions with classes
        return False
    return not any(isinstance(kind, msgspec.inspect.CustomType) for kind in kinds)


def _kinds(info: Any) -> Iterator[Any]:
    """Descriptions of a type and of all types nested in it."""
    yield info
    for name in ('types', 'item_types', 'item_type', 'key_type', 'value_type'):
        inner = getattr(info, name, ())
        for kind in inner if isinstance(inner, tuple) else (inner,):
            yield from _kinds(kind)


def _plain(value: Any) -> Any:
    """A value as it would appear in a config."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(part) for part in value]
    return value
