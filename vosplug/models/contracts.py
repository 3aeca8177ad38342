"""Checks of what components return."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from ..errors import VOSError


def check_returned(value: Any, shape: Sequence[int], where: str, expected: str, kind: type = Tensor) -> None:
    """Raise a VOSError unless ``value`` is a tensor, or another ``kind`` of array, of the given shape.

    Args:
        value: what a component returned.
        shape: the expected one.
        where: name of the component, which begins the message.
        expected: describes the ``shape``.
        kind: of array.
    """
    found = tuple(getattr(value, 'shape', ()))
    if not isinstance(value, kind) or found != tuple(shape):
        raise VOSError(
            f'{where} returned {type(value).__name__} of shape {found}, expected a {kind.__name__} of '
            f'{expected} = {tuple(shape)}.'
        )
