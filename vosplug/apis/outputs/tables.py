"""Boxes, areas, scores and presence of every object and frame, as CSV and JSON."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...atomic import atomic_path
from .records import AddFrame, TrackedFrame, TrackedVideo

COLUMNS = ('frame', 'name', 'time', 'object', 'x1', 'y1', 'x2', 'y2', 'area', 'score', 'presence')


@contextmanager
def open_csv(path: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """A row per frame and object; boxes of hidden objects and unknown values are empty."""
    with (
        atomic_path(path) as partial,
        # names of frames may contain what UTF-8 cannot hold
        open(partial, 'w', newline='', encoding='utf-8', errors='backslashreplace') as file,
    ):
        rows = csv.writer(file, lineterminator='\n')
        rows.writerow(COLUMNS)

        def add(frame: TrackedFrame) -> None:
            for entry in _objects(frame):
                box = entry['box'] or ('',) * 4
                values = [entry['area'], entry['score'], entry['presence']]
                place = [frame.result.index, frame.result.name, _seconds(frame), entry['id']]
                rows.writerow(['' if v is None else v for v in (*place, *box, *values)])

        yield add


@contextmanager
def open_json(path: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """``{"video": {...}, "frames": [{"frame", "name", "time", "objects": [...]}, ...]}``, by lines."""
    height, width = video.size
    fps = None if video.fps is None else float(video.fps)
    about = dict(name=video.name, width=width, height=height, fps=fps)
    with atomic_path(path) as partial, open(partial, 'w', encoding='utf-8') as file:
        file.write(f'{{"video": {json.dumps(about)}, "frames": [')
        separator = '\n'

        def add(frame: TrackedFrame) -> None:
            nonlocal separator
            result = frame.result
            entry = dict(frame=result.index, name=result.name, time=_seconds(frame), objects=_objects(frame))
            file.write(separator + json.dumps(entry))
            separator = ',\n'

        yield add
        file.write('\n]}\n')


def _objects(frame: TrackedFrame) -> list[dict[str, Any]]:
    result = frame.result
    return [
        dict(
            id=i,
            box=list(frame.boxes[i]) if i in frame.boxes else None,
            area=frame.areas.get(i, 0),
            score=_rounded(result.scores.get(i)),
            presence=_rounded(result.presence.get(i)),
        )
        for i in frame.objects
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _seconds(frame: TrackedFrame) -> float | None:
    return None if frame.time is None else round(float(frame.time), 6)
