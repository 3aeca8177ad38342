"""A model that needs no network: objects are where frames are bright."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from vosplug.structures import FrameResult, ObjectPrompt, VideoSource

SIZE = (48, 64)


def bright(t: int) -> np.ndarray:
    """A dark BGR frame with an object of each id 1 and 2, which moves right; 2 is hidden in frame 3."""
    frame = np.full((*SIZE, 3), 30, np.uint8)
    frame[8:20, 4 + 2 * t : 16 + 2 * t] = 200
    if t != 3:
        frame[28:40, 4 + 2 * t : 16 + 2 * t] = 250
    return frame


def true_mask(t: int) -> np.ndarray:
    mask = np.zeros(SIZE, np.uint8)
    mask[8:20, 4 + 2 * t : 16 + 2 * t] = 1
    if t != 3:
        mask[28:40, 4 + 2 * t : 16 + 2 * t] = 2
    return mask


class BrightTracker:
    """``stream`` as of a segmentor; calls are recorded."""

    def __init__(self, fails_at: int | None = None, error: type[BaseException] = RuntimeError) -> None:
        self.fails_at, self.error = fails_at, error
        self.calls: list[tuple[str | None, int]] = []

    def stream(
        self, source: VideoSource, prompts: Mapping[int, Iterable[ObjectPrompt]]
    ) -> Iterator[FrameResult]:
        for t in source.indices():
            if t == self.fails_at:
                raise self.error('the model')
            level = source[t].mean(2)
            mask = np.where(level > 225, 2, np.where(level > 120, 1, 0)).astype(np.uint8)
            self.calls.append((source.name, t))
            shown = {i: float((mask == i).any()) for i in (1, 2)}
            yield FrameResult(t, source.frame_names[t], mask, {i: 0.9 * s for i, s in shown.items()}, shown)
