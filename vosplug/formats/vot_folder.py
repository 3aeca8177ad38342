"""The folder protocol of the VOT toolkit, which runs a tracker as a program over a folder of text files.

The toolkit writes ``frames_<channel>.txt`` (paths of the frames) and, for every object, ``query_<id>.txt``
(frame counted from 0, region, lines ``key=value``). The tracker writes ``output_<id>.txt``, a region per
frame, and may write ``output_<id>_<property>.txt``, a value per frame; the long-term analyses read the
property ``confidence``. Source: vot-toolkit 0.9.0, ``tracker/folder.py`` (the same in 0.8.0 and 0.8.1, not in
earlier releases).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

from ..atomic import atomic_path
from ..errors import AnnotationError
from ..files import is_file, natural_key
from ..structures.vot_region import VOTRegion
from .output_path import output_path
from .text_file import read_lines
from .vot_text import format_line, parse_region

_FRAMES = 'frames_color.txt'


@dataclass(frozen=True, eq=False)
class VOTQuery:
    """An object to track."""

    object_id: str  # the toolkit's
    frame: int  # from which it is tracked
    region: VOTRegion  # in this frame; a special code if only a text describes the object
    path: Path  # of the query


def read_frames(folder: str | Path) -> list[Path]:
    """Colour frames of a run, in tracking order; a frame may be listed repeatedly.

    Raises:
        AnnotationError: no list of colour frames, or an empty one.
    """
    folder = Path(folder)
    path = folder / _FRAMES
    if not is_file(path):
        raise AnnotationError(
            f'{path}: list of frames not found; expected a path per line, found {_found(folder, "frames_")}. '
            'Start the tracker with the VOT toolkit, which prepares the folder.'
        )
    frames = [folder / line.strip() for line in read_lines(path) if line.strip()]
    if not frames:
        raise AnnotationError(f'{path}: expected a path per line, found an empty file.')
    return frames


def read_queries(folder: str | Path, length: int) -> list[VOTQuery]:
    """Objects of a run, in natural order of their ids; text arguments are ignored.

    Args:
        folder: of the run.
        length: number of its frames.

    Raises:
        AnnotationError: no query, one that starts behind the last frame, or one that is not a query.
    """
    folder = Path(folder)
    paths = sorted(folder.glob('query_*.txt'), key=lambda path: natural_key(path.name))
    if not paths:
        raise AnnotationError(
            f'{folder}: expected query_<id>.txt for every object, found {_found(folder, "query")}. Start '
            'the tracker with the VOT toolkit, which prepares the folder.'
        )
    return [_read_query(path, length) for path in paths]


@contextmanager
def write_outputs(
    folder: str | Path, object_ids: Sequence[str]
) -> Iterator[Callable[[Sequence[VOTRegion], Sequence[float]], None]]:
    """Write the results of a run frame by frame; the files appear when the block succeeds.

    Args:
        folder: of the run.
        object_ids: the toolkit's.

    Yields:
        Callable: called once per frame with the region and the confidence of every object, in the order of
        ``object_ids``; the special code 0 stands for an object that is absent or not queried yet.
    """
    with ExitStack() as stack:

        def opened(name: str) -> TextIO:
            partial = stack.enter_context(atomic_path(output_path(folder, name)))
            return stack.enter_context(open(partial, 'w', encoding='utf-8'))

        files = [(opened(f'output_{i}.txt'), opened(f'output_{i}_confidence.txt')) for i in object_ids]

        def add(regions: Sequence[VOTRegion], confidences: Sequence[float]) -> None:
            for file, region, confidence in zip(files, regions, confidences, strict=True):
                file[0].write(f'{format_line(region)}\n')
                file[1].write(f'{confidence:.6f}\n')

        yield add
        # before any of them gets its name: the disk may be full
        for file in chain.from_iterable(files):
            file.flush()


def _read_query(path: Path, length: int) -> VOTQuery:
    lines = read_lines(path)
    number = lines[0].strip() if lines else ''
    if len(lines) < 2 or not re.fullmatch('[0-9]{1,15}', number):
        raise AnnotationError(
            f'{path}: expected a frame number and a region, one per line, found {lines[:2]!r:.200}.'
        )
    if int(number) >= length:
        raise AnnotationError(
            f'{path}: the object starts in frame {number}, {_FRAMES} lists {length} frames (0..{length - 1}).'
        )
    try:
        region = parse_region(lines[1])
    except AnnotationError as error:
        raise AnnotationError(f'{path}, line 2: {error}') from None
    return VOTQuery(path.stem.removeprefix('query_'), int(number), region, path)


def _found(folder: Path, prefix: str) -> str:
    names = sorted(path.name for path in folder.glob(f'{prefix}*'))
    return ', '.join(names[:3]) or 'none'
