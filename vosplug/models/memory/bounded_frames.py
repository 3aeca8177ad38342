"""Eviction of memory frames, the oldest first."""

from typing import Protocol, TypeVar


class _Frame(Protocol):
    @property
    def prompted(self) -> object: ...


Frame = TypeVar('Frame', bound=_Frame)


class BoundedFrames(list[Frame]):
    """Frames of a video, oldest first: all that are prompted, and of the others the newest ones.

    Args:
        most: number of the others; None: all.
    """

    def __init__(self, most: int | None) -> None:
        super().__init__()
        self.most = most

    def add(self, frame: Frame) -> None:
        """Add the newest frame, dropping the oldest beyond the limit."""
        self.append(frame)
        self._drop_oldest()

    def shrink(self) -> bool:
        """Halve the number of frames that are not prompted, see :meth:`BaseMemory.shrink`."""
        half = sum(not frame.prompted for frame in self) // 2
        if half == self.most:
            return False
        self.most = half
        self._drop_oldest()
        return True

    def _drop_oldest(self) -> None:
        passing = [i for i, frame in enumerate(self) if not frame.prompted]
        excess = 0 if self.most is None else len(passing) - self.most
        for i in reversed(passing[: max(0, excess)]):
            del self[i]
