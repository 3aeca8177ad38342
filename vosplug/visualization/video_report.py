"""Reports on segmented videos in one HTML file: overlays, worst frames, scores, speed and memory."""

import base64
import heapq
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import cv2
import numpy as np
import torch

from ..evaluation.functional.region import jaccard_objects
from ..structures import FrameResult
from ..structures.box_ops import VOID
from .overlay import draw_errors, draw_overlay
from .report import cards, charts, figures, percent, table, words, write_page

SCORE_WORDS = {
    'J': 'Region similarity: intersection over union of the mask and the ground truth.',
    'F': "Boundary accuracy: how well the mask's outline follows that of the ground truth (F-measure).",
    'J&F': 'The mean of J and F, by which DAVIS ranks methods.',
    'Mean': 'Over the frames of an object, then over all objects.',
    'Recall': 'The share of frames that score above 50.',
    'Decay': 'The mean of the first quarter of the frames less that of the last: what is lost over time.',
    'Error map': 'Red: an object where there is none. Blue: missed. Yellow: taken for another object.',
}
_TRACK_WORDS = {
    'Score': "Mean probability of the model over an object's pixels; the lowest of the visible objects.",
    'Presence': 'Confidence that an object is in the frame; the lowest of all objects.',
}
_UNKNOWN_LENGTH = 50  # interval of the frames shown from a video of unknown length

Points = list[tuple[float, float]]


@dataclass
class _Video:
    name: str
    every: int  # interval of the frames shown
    figures: list[str] = field(default_factory=list)
    curves: dict[str, Points] = field(default_factory=dict)


class VideoReport:
    """Collects the content of a report frame by frame; only the images that it shows are kept.

    Args:
        shown: number of frames shown per video.
        worst: number of frames shown with the lowest J of all videos.
        width: width in pixels to which larger images are scaled down.
    """

    def __init__(self, shown: int = 4, worst: int = 8, width: int = 480) -> None:
        self.shown, self.worst, self.width = shown, worst, width
        self.videos: list[_Video] = []
        self._worst: list[tuple[float, int, str]] = []  # a heap: the best of the worst frames comes first
        self._speed: Points = []
        self._memory: Points = []
        self._last = 0.0  # time of the frame before, or of the start

    def start(self, name: str, length: int | None) -> None:
        """Start a video; ``length`` is None if it is unknown."""
        every = _UNKNOWN_LENGTH if length is None else max(1, -(-length // self.shown))
        self.videos.append(_Video(name, every))
        self._last = time.perf_counter()

    def add(self, image: np.ndarray, result: FrameResult, truth: np.ndarray | None = None) -> None:
        """Add the next frame of the video.

        Args:
            image: uint8 (H, W, 3) BGR.
            result: result of the frame.
            truth: uint8 (H, W) id mask, if there is one.
        """
        self._measure()
        video = self.videos[-1]
        count = len(self._speed)
        if truth is None:
            for what, given in (('score', result.scores), ('presence', result.presence)):
                if given:
                    video.curves.setdefault(what, []).append((result.index, min(given.values())))
        elif ids := [int(i) for i in np.unique(truth) if i not in (0, VOID)]:
            j = float(np.mean(list(jaccard_objects(result.mask, truth, ids, truth == VOID).values())))
            video.curves.setdefault('J', []).append((result.index, j))
            if len(self._worst) < self.worst or -j > self._worst[0][0]:
                title = f'{video.name} {result.name}'
                entry = (-j, count, self._figure(title, f'J {percent(j)}', image, result.mask, truth))
                (heapq.heappush if len(self._worst) < self.worst else heapq.heapreplace)(self._worst, entry)
        if len(video.figures) < self.shown and result.index % video.every == 0:
            video.figures.append(self._figure(result.name, '', image, result.mask, truth))
        self._last = time.perf_counter()

    def write(
        self,
        path: str | Path,
        title: str,
        numbers: Mapping[str, object],
        rows: Sequence[Mapping[str, object]] = (),
    ) -> None:
        """Write the page, atomically.

        Args:
            path: HTML file.
            title: heading.
            numbers: headline numbers.
            rows: rows of a table of results.
        """
        has_truth = any('J' in video.curves for video in self.videos)
        curves = {'frames per second': self._speed, 'memory of the process (MiB)': self._memory}
        worst = [figure for *_, figure in sorted(self._worst, reverse=True)]
        sections = {
            'Results': cards(numbers) + table(rows),
            'What the numbers mean': words(SCORE_WORDS if has_truth else _TRACK_WORDS),
            'Worst frames': figures(worst),
            'Speed and memory': charts({k: c for k, c in curves.items() if c}, 'frame'),
        }
        for video in self.videos:
            sections[f'Video: {video.name}'] = figures(video.figures) + charts(video.curves, 'frame')
        write_page(path, title, sections)

    def _measure(self) -> None:
        now = time.perf_counter()
        frame = len(self._speed)
        self._speed.append((frame, 1 / max(now - self._last, 1e-6)))
        memory = _memory_mib()
        if memory is not None:
            self._memory.append((frame, memory))

    def _figure(
        self, name: str, caption: str, image: np.ndarray, mask: np.ndarray, truth: np.ndarray | None
    ) -> str:
        shown = [draw_overlay(image, mask)]
        if truth is not None:
            shown += [draw_overlay(image, truth), draw_errors(image, mask, truth)]
            caption = f'{caption + ": " if caption else ""}result, ground truth, error map'
        scale = min(1, self.width / image.shape[1])
        small = [cv2.resize(s, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for s in shown]
        code = cv2.imencode('.jpg', np.vstack(small), [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
        data = base64.b64encode(code.tobytes()).decode()
        return (
            f'<img src="data:image/jpeg;base64,{data}" alt="{escape(name)}" loading="lazy">'
            f'<figcaption><b>{escape(name)}</b>{escape(caption)}</figcaption>'
        )


def _memory_mib() -> float | None:
    """Memory of this process: on the GPU if it uses one, otherwise in RAM; None where that is unknown."""
    if torch.cuda.is_available() and torch.cuda.memory_allocated():
        return torch.cuda.memory_allocated() / 2**20
    try:
        pages = int(Path('/proc/self/statm').read_text().split()[1])
    except OSError:  # only Linux has it
        return None
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20
