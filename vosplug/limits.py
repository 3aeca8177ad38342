"""Limits on what files from others may ask for, each raised by an environment variable ``VOSPLUG_<name>``."""

import os

from .errors import ConfigError, VOSError

DEFAULTS = dict(
    MAX_PIXELS=100_000_000,  # of a frame, mask or flow: 300 MB once decoded
    MAX_ASPECT=50,  # long side by short side of a frame that is resized by its short side
    MAX_FRAMES=1_000_000,  # that a video or its annotations announce: 11 hours at 25 frames per second
    MAX_BOXES=5_000_000,  # that the keyframes of a file stand for
    MAX_UPLOAD=1_000_000_000,  # bytes of a video sent to a web page of vosplug
)


def limit(name: str) -> int:
    """Value of a limit of ``DEFAULTS``, or of its environment variable.

    Raises:
        ConfigError: the variable is not a whole number above 0.
    """
    text = os.environ.get(f'VOSPLUG_{name}')
    if text is None:
        return DEFAULTS[name]
    if not text.isdecimal() or not int(text):
        raise ConfigError(f'VOSPLUG_{name}: found {text!r}, expected a whole number above 0.')
    return int(text)


def check_limit(name: str, found: float, what: str, error: type[VOSError]) -> None:
    """Check something that a file asks for against a limit.

    Args:
        name: of the limit.
        found: the number to check.
        what: beginning of the message: the file, and what it has so much of.
        error: to raise.

    Raises:
        VOSError: of the kind ``error``: more than the limit.
    """
    most = limit(name)
    if found > most:
        raise error(
            f'{what}, more than the limit of {most:,}. Damaged and hostile files look like this; if this one '
            f'is right, raise the limit with the environment variable VOSPLUG_{name}.'
        )
