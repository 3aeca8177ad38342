"""Resource limits for untrusted files, each set by an environment variable ``VOSPLUG_<name>``."""

import os

from .errors import ConfigError, VOSError

DEFAULTS = dict(
    MAX_PIXELS=100_000_000,  # of a frame, mask or flow: 300 MB once decoded
    MAX_ASPECT=50,  # long side by short side of a frame that is resized by its short side
    MAX_FRAMES=1_000_000,  # declared by a video or its annotations: 11 hours at 25 frames per second
    MAX_BOXES=5_000_000,  # that the keyframes of a file expand to
    MAX_UPLOAD=1_000_000_000,  # bytes of a video uploaded to a web page of vosplug
)


def limit(name: str) -> int:
    """Value of a limit, from its environment variable or ``DEFAULTS``.

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
    """Check a quantity that a file requests against a limit.

    Args:
        name: of the limit.
        found: the number to check.
        what: beginning of the message: the file, and the quantity found in it.
        error: class of the error.

    Raises:
        VOSError: of class ``error``: more than the limit.
    """
    most = limit(name)
    if found > most:
        raise error(
            f'{what}, more than the limit of {most:,}. This is typical of damaged or malicious files; if '
            f'yours is valid, raise the limit with the environment variable VOSPLUG_{name}.'
        )
