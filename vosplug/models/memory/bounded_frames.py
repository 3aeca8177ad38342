"""Eviction of memory frames, the oldest first."""

from collections.abc import Callable
from typing import TypeVar

Frame = TypeVar('Frame')


def keep_newest(frames: list[Frame], most: int | None, stays: Callable[[Frame], object]) -> None:
    """Drop the oldest frames in place until at most ``most`` remain besides those that stay; None: all."""
    passing = [i for i, frame in enumerate(frames) if not stays(frame)]
    excess = 0 if most is None else len(passing) - most
    for i in reversed(passing[: max(0, excess)]):
        del frames[i]


def halved(frames: list[Frame], most: int | None, stays: Callable[[Frame], object]) -> int | None:
    """Half the number of frames that do not stay, as a limit; None if ``most`` is that limit already."""
    half = sum(not stays(frame) for frame in frames) // 2
    return None if half == most else half
