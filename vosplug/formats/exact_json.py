"""Lossless JSON: types of keys, tuples, NumPy's types and NaN are preserved."""

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

_TAGS: dict[str, Callable[[Any], Any]] = {
    'dict': lambda items: {from_plain(key): from_plain(value) for key, value in items},
    'tuple': lambda items: tuple(map(from_plain, items)),
    'set': lambda items: set(map(from_plain, items)),
    'array': lambda parts: np.frombuffer(base64.b64decode(parts[2]), parts[0]).reshape(parts[1]).copy(),
    'number': lambda parts: np.frombuffer(base64.b64decode(parts[1]), parts[0])[0],
}


def dumps(value: object) -> str:
    """Serialize plain values: None, bool, int, float, str, list, tuple, dict, set, NumPy numbers and arrays.

    Raises:
        TypeError: a value of another type.
    """
    return json.dumps(to_plain(value))


def loads(text: str) -> Any:
    """Restore the values of :func:`dumps`.

    Raises:
        ValueError, TypeError, KeyError: not a text of :func:`dumps`.
    """
    return from_plain(json.loads(text))


def to_plain(value: Any) -> Any:
    """A value with a mapping ``{tag: content}`` for each type that JSON lacks."""
    if isinstance(value, (np.generic, np.ndarray)) and not value.dtype.hasobject:
        data = base64.b64encode(value.tobytes()).decode()
        if isinstance(value, np.generic):
            return dict(number=[value.dtype.str, data])
        return dict(array=[value.dtype.str, list(value.shape), data])
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [to_plain(item) for item in value]
    if type(value) in (tuple, set):
        return {type(value).__name__: [to_plain(item) for item in value]}
    if type(value) is dict:
        return dict(dict=[[to_plain(key), to_plain(item)] for key, item in value.items()])
    raise TypeError(f'{type(value).__name__} cannot be stored')


def from_plain(value: Any) -> Any:
    """Inverse of :func:`to_plain`."""
    if isinstance(value, list):
        return [from_plain(item) for item in value]
    if isinstance(value, dict):
        [(tag, content)] = value.items()
        return _TAGS[tag](content)
    return value
