"""Checks of options that several losses share."""

from collections.abc import Sequence

from torch import nn

from ...errors import ConfigError

REDUCTIONS = ('none', 'mean', 'sum')  # of MMSegmentation's pixel losses


def check_choice(loss: nn.Module, name: str, value: str, known: Sequence[str]) -> None:
    """Raise a ConfigError unless the value of a loss's option is one of the known ones."""
    if value not in known:
        raise ConfigError(f'{type(loss).__name__}.{name}: found {value!r}, expected one of {known}.')


def check_odd(loss: nn.Module, **sizes: int) -> None:
    """Raise a ConfigError unless all sizes of a loss's windows are odd."""
    for name, size in sizes.items():
        if size < 1 or size % 2 == 0:
            raise ConfigError(
                f'{type(loss).__name__}.{name}: found {size}, expected an odd number, so that there is a '
                'centre.'
            )
