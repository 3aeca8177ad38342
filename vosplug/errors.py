"""Errors in user input: each message names the file or key, what was found and how to fix it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class VOSError(ValueError):
    """Base of every error raised for wrong user input."""


class VideoError(VOSError):
    """A video or frame cannot be read, or is empty."""


class AnnotationError(VOSError):
    """A mask or box annotation is missing, damaged or inconsistent."""


class FlowError(VOSError):
    """Optical flow is missing, damaged or does not fit its video."""


class PromptError(VOSError):
    """A prompt does not fit the video it was given for."""


class OutputError(VOSError):
    """A file cannot be written: the disk is full or read-only, or there is no permission."""


class ConfigError(VOSError):
    """A config file has an unknown key or an invalid value."""


class CheckpointError(VOSError):
    """A checkpoint is damaged or belongs to another model."""


@contextmanager
def exit_on_errors() -> Iterator[None]:
    """Context manager for command-line tools: user errors and Ctrl-C end them without a traceback.

    Raises:
        SystemExit: on a VOSError, with its message; on Ctrl-C, with exit code 130, as shells do.
    """
    try:
        yield
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        sys.exit(130)
