"""How MMSegmentation's pixel losses sum up."""

from ...errors import ConfigError

REDUCTIONS = ('none', 'mean', 'sum')


def check_reduction(reduction: str) -> None:
    """Raise a ConfigError unless it is one of :data:`REDUCTIONS`."""
    if reduction not in REDUCTIONS:
        raise ConfigError(f'loss reduction: found {reduction!r}, expected one of {REDUCTIONS}.')
