"""YOLO text files of boxes or polygons, one per image.

A line is ``class cx cy width height``, or ``class x1 y1 x2 y2 x3 y3 ...`` of a polygon, relative to the
image's width and height, with 0, 0 in the upper left corner and 1, 1 in the lower right one. A track id may
follow, as Ultralytics writes it. Names of the classes, which count from 0, are in ``classes.txt`` or in
``names`` of ``data.yaml``. Sources: https://docs.ultralytics.com/datasets/detect/ and
https://docs.ultralytics.com/datasets/segment/.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from ...errors import AnnotationError
from ...files import is_dir, is_file, natural_key, walk_folders
from ..outline import mask_outline
from ..output_path import output_path
from ..rle import decode_segmentation, encode_mask
from ..text_file import parse_number, read_lines, read_yaml, write_lines
from .context import Context
from .record import AnnotatedObject, AnnotatedVideo

_CLASSES = 'classes.txt'
_FURTHEST = 100.0  # largest coordinate, in widths or heights of the image


class _Line(NamedTuple):
    kind: int
    numbers: list[float]  # 4 of a box, 6 or more of a polygon
    track: int | None


def read_yolo(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read a folder of labels, or its folder ``labels``, including subfolders.

    With track ids, a folder is a video, and its files are the annotated frames; objects keep their track id,
    or get the next free number if it is 0. Without them, every image is a video of one frame, since nothing
    links boxes of one object. An empty file is an image without objects; without a file, an image is not
    annotated.

    Raises:
        AnnotationError: no labels, a line that is not a label, some with a track and some without, a track
            twice in an image, or sizes that are not known.
    """
    root = path / 'labels' if is_dir(path / 'labels') else path
    files: dict[str, list[str]] = {}
    for folder, _, names in walk_folders(root, AnnotationError):
        found = sorted((n for n in names if n.endswith('.txt') and n != _CLASSES), key=natural_key)
        if found:
            files[folder.relative_to(root).as_posix()] = found
    if not files:
        raise AnnotationError(f'{path}: no .txt file of labels in this folder.')
    classes = _class_names([root, path, path.parent])
    lines = {
        f'{folder}/{name}': _lines(root / folder / name) for folder, names in files.items() for name in names
    }
    with_track = {line.track is not None for found in lines.values() for line in found}
    if len(with_track) > 1:
        raise AnnotationError(
            f'{path}: some lines have a track id and some have none; expected it in all, or in none.'
        )
    if with_track != {True}:
        return [_still(root, file, found, classes, context) for file, found in lines.items()]
    return [
        _video(root, folder, {name: lines[f'{folder}/{name}'] for name in names}, classes, context)
        for folder, names in files.items()
    ]


def _lines(path: Path) -> list[_Line]:
    return [_parse(text, f'{path}, line {k}') for k, text in enumerate(read_lines(path), 1) if text.strip()]


class _Data(Struct):
    names: list[str | int] | dict[int, str | int]


def _class_names(folders: Sequence[Path]) -> dict[int, str]:
    """Names of the classes, from the first folder that has them."""
    for folder in folders:
        if is_file(folder / _CLASSES):
            return dict(enumerate(line.strip() for line in read_lines(folder / _CLASSES)))
        if is_file(folder / 'data.yaml'):
            return _yaml_names(folder / 'data.yaml')
    return {}


def _yaml_names(path: Path) -> dict[int, str]:
    names = read_yaml(path, _Data, "that of Ultralytics' data.yaml, `names`").names
    return {k: str(name) for k, name in (names.items() if isinstance(names, dict) else enumerate(names))}


def _name(classes: dict[int, str], kind: int) -> str:
    return classes.get(kind, f'class {kind}')


def _parse(text: str, where: str) -> _Line:
    words = text.split()
    try:
        numbers = [parse_number(word) for word in words[1:]]
    except ValueError:
        numbers = []
    track = None
    if len(numbers) >= 5 and len(numbers) % 2:
        track = int(numbers.pop()) if re.fullmatch(r'[0-9]{1,9}(\.0+)?', words[-1]) else -1
    if (
        not re.fullmatch('[0-9]{1,6}', words[0])
        or len(numbers) < 4
        or not all(abs(n) <= _FURTHEST for n in numbers)
    ):
        raise AnnotationError(
            f'{where}: expected a class and a box "cx cy width height", or a polygon, as fractions of '
            f'the image size, found {text.strip()!r:.100}.'
        )
    if track == -1:
        raise AnnotationError(
            f'{where}: expected a whole number as track id at the end, found {words[-1]!r:.60}. Export '
            'without confidences.'
        )
    return _Line(int(words[0]), numbers, track)


def _still(
    root: Path, file: str, lines: list[_Line], classes: dict[int, str], context: Context
) -> AnnotatedVideo:
    video = context.start_still(file.removeprefix('./').removesuffix('.txt'), str(root / file))
    for k, line in enumerate(lines, 1):
        video.objects.append(AnnotatedObject(k, _name(classes, line.kind)))
        _add(video, video.objects[-1], 0, line, str(root / file))
    return video


def _video(
    root: Path, folder: str, files: dict[str, list[_Line]], classes: dict[int, str], context: Context
) -> AnnotatedVideo:
    name = folder if folder != '.' else root.absolute().name
    names = [file.removesuffix('.txt') for file in files]
    video, frames = context.start_annotated(name, names, str(root / folder))
    objects: dict[int, AnnotatedObject] = {}
    zero = max((line.track or 0 for lines in files.values() for line in lines), default=0) + 1
    for t, (file, lines) in zip(frames, files.items(), strict=True):
        where = str(root / folder / file)
        for line in lines:
            assert line.track is not None
            number = line.track or zero
            obj = objects.setdefault(number, AnnotatedObject(number, _name(classes, line.kind)))
            context.check_category(obj.category, _name(classes, line.kind))
            if t in obj.boxes or t in obj.masks:
                raise AnnotationError(
                    f'{where}: track {line.track} is listed twice; expected each once. Keep one.'
                )
            _add(video, obj, t, line, where)
    video.objects = [objects[number] for number in sorted(objects)]
    return video


def _add(video: AnnotatedVideo, obj: AnnotatedObject, t: int, line: _Line, where: str) -> None:
    height, width = video.known_size()
    if len(line.numbers) == 4:
        cx, cy, w, h = line.numbers
        obj.boxes[t] = (
            (cx - w / 2) * width,
            (cy - h / 2) * height,
            (cx + w / 2) * width,
            (cy + h / 2) * height,
        )
        return
    points = [
        n * side
        for x, y in zip(line.numbers[::2], line.numbers[1::2], strict=True)
        for n, side in ((x, width), (y, height))
    ]
    try:
        mask = decode_segmentation([points], (height, width))
    except AnnotationError as error:
        raise AnnotationError(f'{where}: {error}') from None
    if mask.any():
        obj.masks[t] = encode_mask(mask)


def write_yolo(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write boxes with track ids to ``<video>/<frame>.txt``, and ``classes.txt``.

    Raises:
        AnnotationError: a video without a size.
    """
    _write(path, videos, polygons=False)


def write_yolo_seg(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write polygons along the pixels' edges, with parts and holes, in the layout of :func:`write_yolo`.

    Raises:
        AnnotationError: a video without a size, or a box without a mask.
    """
    _write(path, videos, polygons=True)


def _write(path: Path, videos: Sequence[AnnotatedVideo], polygons: bool) -> None:
    names = sorted({obj.category for video in videos for obj in video.objects})
    stills = all(len(video.frame_names) == 1 for video in videos)
    for video in videos:
        for t in video.annotated:
            lines = []
            for obj in video.objects:
                numbers = _polygon(video, obj, t) if polygons else _box(video, obj, t)
                if numbers:
                    track = [] if stills else [str(obj.id)]
                    kind = str(names.index(obj.category))
                    lines.append(' '.join([kind, *(f'{number:.10g}' for number in numbers), *track]))
            file = (f'{video.name}.txt',) if stills else (video.name, f'{video.frame_names[t]}.txt')
            write_lines(output_path(path, *file), lines)
    write_lines(path / _CLASSES, names)


def _box(video: AnnotatedVideo, obj: AnnotatedObject, t: int) -> list[float]:
    (height, width), box = video.known_size(), video.box(obj, t)
    if box is None:
        return []
    x1, y1, x2, y2 = box
    return [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height]


def _polygon(video: AnnotatedVideo, obj: AnnotatedObject, t: int) -> list[float]:
    (height, width), mask = video.known_size(), video.mask(obj, t)
    if mask is None and t in obj.boxes:
        raise AnnotationError(
            f'video {video.name}: object {obj.id} has a box but no mask in frame {video.frame_names[t]}; '
            'polygons need masks. Make them with vosplug label, or write --to yolo.'
        )
    return [] if mask is None else (mask_outline(mask) / (width, height)).ravel().tolist()
