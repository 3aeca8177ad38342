"""MOTS text files of MOTSChallenge and KITTI MOTS, one per video.

A line is ``frame id class height width rle``: the mask of an object, without overlaps, as COCO's compressed
run lengths. Classes are 1 car, 2 pedestrian and 10 ignore; an id is 1000 x class + number of the object
in the video. Frames are numbered like their files: from 0 in KITTI (``000000.png``), from 1 in MOTSChallenge
(``000001.jpg``). Source: https://www.vision.rwth-aachen.de/page/mots, also in TrackEval's
``docs/MOTS-format.txt``.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...errors import AnnotationError
from ...limits import check_limit
from ...structures.box_ops import fill_box
from ..output_path import output_path
from ..rle import decode_mask, encode_mask
from ..text_file import read_lines, write_lines
from .context import Context
from .record import NO_CATEGORY, AnnotatedObject, AnnotatedVideo

_IGNORED = 10
_CLASSES = {1: 'car', 2: 'pedestrian'}
_NUMBERS = {'car': 1, 'pedestrian': 2, 'person': 2}
_LARGEST_OBJECT = 999  # of a class


class _Line(NamedTuple):
    frame: int
    object_id: int
    kind: int
    size: tuple[int, int]
    rle: str


def read_mots(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read a file, or all ``.txt`` of a folder; a video is named like its file, and all frames are annotated.

    Objects keep their number in the video; if two classes share one, all are numbered 1..N in order of their
    ids. Ignored regions become void.

    Raises:
        AnnotationError: no such file, a line that is not a mask, or masks of several sizes.
    """
    root, files = (path, sorted(path.rglob('*.txt'))) if path.is_dir() else (path.parent, [path])
    if not files:
        raise AnnotationError(f'{path}: no .txt file in this folder; expected one per video.')
    return [_video(file, file.relative_to(root).with_suffix('').as_posix(), context) for file in files]


def _video(path: Path, name: str, context: Context) -> AnnotatedVideo:
    lines = [_parse(line, f'{path}, line {k}') for k, line in enumerate(read_lines(path), 1) if line.strip()]
    if len({line.size for line in lines}) > 1:
        raise AnnotationError(f'{path}: masks of several sizes; expected all in the size of the frames.')
    size = lines[0].size if lines else None
    first, last = min([1, *(line.frame for line in lines)]), max((line.frame for line in lines), default=0)
    check_limit('MAX_FRAMES', last, f'{path}: has frame {last}', AnnotationError)
    names = [f'{t:06d}' for t in range(first, last + 1)]
    video = context.start_video(name, str(path), size=size, frame_names=names)
    numbers = _frame_numbers(video)
    index = {number: t for t, number in enumerate(numbers)}
    keys = sorted({line.object_id for line in lines if line.kind != _IGNORED})
    ids = {key: key % 1000 for key in keys}
    if 0 in ids.values() or len(set(ids.values())) < len(ids):
        ids = {key: k for k, key in enumerate(keys, 1)}
    objects = {
        key: AnnotatedObject(ids[key], _CLASSES.get(key // 1000, f'class {key // 1000}')) for key in keys
    }
    for line in lines:
        if line.frame not in index:
            raise AnnotationError(
                f'{path}: has frame {line.frame}, but the video has frames {numbers[0]}..{numbers[-1]}. '
                'Use the video that was annotated.'
            )
        t = index[line.frame]
        known = video.void if line.kind == _IGNORED else objects[line.object_id].masks
        mask = decode_mask(line.rle, line.size)
        if line.kind == _IGNORED and t in known:
            mask |= decode_mask(known[t], line.size)
        elif t in known:
            raise AnnotationError(
                f'{path}: object {line.object_id} has two masks in frame {line.frame}. Keep one.'
            )
        if mask.any():
            known[t] = encode_mask(mask)
    video.objects = sorted(objects.values(), key=lambda obj: obj.id)
    video.annotated = list(range(len(video.frame_names)))
    return video


def _parse(text: str, where: str) -> _Line:
    words = text.split()
    if len(words) != 6 or not all(re.fullmatch('[0-9]{1,9}', word) for word in words[:5]):
        raise AnnotationError(
            f'{where}: expected "frame id class height width rle", found {text.strip()!r:.60}.'
        )
    frame, object_id, kind, height, width = (int(word) for word in words[:5])
    if kind != object_id // 1000 and kind != _IGNORED:
        raise AnnotationError(f'{where}: id {object_id} is not of class {kind}; it is 1000 x class + number.')
    try:
        decode_mask(words[5], (height, width))
    except AnnotationError as error:
        raise AnnotationError(f'{where}: {error}') from None
    return _Line(frame, object_id, kind, (height, width), words[5])


def _frame_numbers(video: AnnotatedVideo) -> list[int]:
    """Numbers of the frames: those in their names, or from 1 if they are not numbers."""
    names = video.frame_names
    numbers = [int(name) if re.fullmatch('[0-9]{1,9}', name) else -1 for name in names]
    if -1 in numbers or len(set(numbers)) < len(names):
        return list(range(1, len(names) + 1))
    return numbers


def write_mots(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write a file per video.

    Where masks overlap, the smaller object is in front; a box without a mask becomes an ignored region.
    Categories other than car and pedestrian get the numbers 3, 4, ... without 10.

    Raises:
        AnnotationError: an id above 999, or a video without a size.
    """
    others = sorted({obj.category for video in videos for obj in video.objects} - set(_NUMBERS))
    free = (k for k in count(3) if k != _IGNORED)
    kinds = _NUMBERS | dict(zip(others, free, strict=False))
    context.drop('names of categories other than car and pedestrian', len({*others} - {NO_CATEGORY}))
    for video in videos:
        large = next((obj.id for obj in video.objects if obj.id > _LARGEST_OBJECT), None)
        if large is not None:
            raise AnnotationError(
                f'video {video.name}: object id {large} is too large; MOTS allows 1..{_LARGEST_OBJECT} per '
                'class.'
            )
        numbers = _frame_numbers(video)
        lines = [line for t in video.annotated for line in _frame_lines(video, t, numbers[t], kinds, context)]
        write_lines(output_path(path, f'{video.name}.txt'), lines)


def _frame_lines(
    video: AnnotatedVideo, t: int, number: int, kinds: dict[str, int], context: Context
) -> Iterator[str]:
    size = video.known_size()
    left = np.ones(size, bool)  # pixels of no object yet
    shown = [(obj, mask) for obj in video.objects if (mask := video.mask(obj, t)) is not None]
    for obj, mask in sorted(shown, key=lambda item: int(item[1].sum())):
        context.drop('pixels of masks below other masks', int((mask & ~left).sum()))
        kind = kinds[obj.category]
        yield from _line(number, 1000 * kind + obj.id, kind, mask & left)
        left &= ~mask
    ignored = decode_mask(video.void[t], size) if t in video.void else np.zeros(size, bool)
    for obj in video.objects:
        if t in obj.boxes and t not in obj.masks:
            ignored = ignored | fill_box(obj.boxes[t], size)
    yield from _line(number, 1000 * _IGNORED, _IGNORED, ignored & left)


def _line(number: int, object_id: int, kind: int, mask: np.ndarray) -> Iterator[str]:
    if mask.any():
        yield f'{number} {object_id} {kind} {mask.shape[0]} {mask.shape[1]} {encode_mask(mask)}'
