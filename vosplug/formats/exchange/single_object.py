"""Single-object tracking: GOT-10k, LaSOT, TrackingNet and VOT, a box (or, in VOT, a mask) per frame.

Boxes are x, y, width, height in pixels, interpreted as by the benchmarks' own toolkits. Sources:
http://got-10k.aitestunion.com (``cover.label``, ``absence.label``),
https://github.com/HengLan/LaSOT_Evaluation_Toolkit (``full_occlusion.txt``, ``out_of_view.txt``),
https://github.com/SilvioGiancola/TrackingNet-devkit, and https://github.com/votchallenge/toolkit for VOT.
"""

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ...errors import AnnotationError
from ...files import is_file
from ...structures.vot_raster import mask_region, rasterise
from ...structures.vot_region import Mask, Polygon, Rectangle
from ..box_text import BoxSequence, box_sequence_names, read_box_sequences, write_boxes
from ..image_set import read_image_set
from ..output_path import output_path
from ..rle import encode_mask
from ..text_file import write_lines
from ..vot_sequence import read_size
from ..vot_text import read_regions, write_regions
from .context import Context
from .record import AnnotatedObject, AnnotatedVideo, Box, xywh, xyxy


def from_one(t: int) -> str:
    """Name of frame ``t`` in GOT-10k, LaSOT and VOT."""
    return f'{t + 1:08d}'


def _lasot_places(name: str) -> list[str]:
    return [name, f'{name}/img', f'{name.rpartition("-")[0]}/{name}/img']


# benchmark -> folders of a video's frames, of which the last is the official one, and their names
_FRAMES: dict[str, tuple[Callable[[str], list[str]], Callable[[int], str]]] = {
    'got10k': (lambda name: [name], from_one),
    'lasot': (_lasot_places, from_one),
    'trackingnet': (lambda name: [name, f'frames/{name}'], str),
}


def read_benchmark(benchmark: str, path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read GOT-10k, LaSOT or TrackingNet in its official layout; the object's id is 1.

    Frames with a line are annotated; the object is absent where its box has no area, or flags mark it as
    hidden or out of view.

    Raises:
        AnnotationError: see :func:`~vosplug.formats.box_text.read_box_sequences`.
    """
    places, frame_name = _FRAMES[benchmark]
    videos = []
    for name in box_sequence_names(benchmark, path):
        [sequence] = read_box_sequences(benchmark, path, [name])
        size = sequence.size and sequence.size[::-1]
        names = [frame_name(t) for t in range(len(sequence.boxes))]
        video = context.start_video(name, str(path / name), len(names), size, names, places(name))
        if sequence.cover is not None:
            context.drop("visible parts below 8/8 of GOT-10k's objects", int((sequence.cover % 8 > 0).sum()))
        obj = AnnotatedObject(1)
        for t in np.flatnonzero(sequence.shown).tolist():
            obj.boxes[t] = xyxy(sequence.boxes[t].tolist())
        video.objects, video.annotated = [obj], list(range(len(sequence.boxes)))
        videos.append(video)
    return videos


def _boxes(video: AnnotatedVideo) -> BoxSequence:
    """Boxes of the only object of a video; 0 where it is absent."""
    obj = _only_object(video)
    boxes = np.zeros((len(video.frame_names), 4))
    for t, box in video.boxes(obj).items():
        boxes[t] = xywh(box)
    return BoxSequence(video.name, boxes, np.all(boxes[:, 2:] > 0, axis=1))


def _only_object(video: AnnotatedVideo) -> AnnotatedObject:
    if len(video.objects) != 1:
        raise AnnotationError(
            f'video {video.name}: has {len(video.objects)} objects; this format has one per video. Split '
            'it, or write another format.'
        )
    if len(video.annotated) < len(video.frame_names):
        raise AnnotationError(
            f'video {video.name}: {len(video.annotated)} of its {len(video.frame_names)} frames are '
            'annotated; this format needs all, since a frame without a box means an absent object.'
        )
    return video.objects[0]


def write_got10k(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write ``groundtruth.txt``, labels and ``meta_info.ini`` per video, and ``list.txt``.

    Raises:
        AnnotationError: a video with several objects, frames that are not annotated, or no size.
    """
    for video in videos:
        sequence, (height, width) = _boxes(video), video.known_size()
        folder = output_path(path, video.name)
        write_boxes(folder / 'groundtruth.txt', sequence.boxes, _DECIMALS)
        write_lines(folder / 'cover.label', np.where(sequence.visible, 8, 0))
        write_lines(folder / 'absence.label', (~sequence.visible).astype(int))
        write_lines(folder / 'meta_info.ini', ['[METAINFO]', f'resolution: ({width}, {height})'])
    write_lines(path / 'list.txt', [video.name for video in videos])


def write_lasot(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write ``groundtruth.txt``, ``full_occlusion.txt`` and ``out_of_view.txt`` per video.

    Raises:
        AnnotationError: a video with several objects, or frames that are not annotated.
    """
    for video, name in zip(videos, context.flat_names(videos), strict=True):
        sequence, folder = _boxes(video), output_path(path, name)
        write_boxes(folder / 'groundtruth.txt', sequence.boxes, _DECIMALS)
        write_lines(folder / 'full_occlusion.txt', [','.join('0' * len(sequence.boxes))])
        write_lines(folder / 'out_of_view.txt', [','.join(map(str, (~sequence.visible).astype(int)))])


def write_trackingnet(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write ``anno/<video>.txt``; a box without area means that the object is absent.

    Raises:
        AnnotationError: a video with several objects, or frames that are not annotated.
    """
    for video, name in zip(videos, context.flat_names(videos), strict=True):
        write_boxes(output_path(path / 'anno', f'{name}.txt'), _boxes(video).boxes, _DECIMALS)


_DECIMALS = 6

read_got10k = partial(read_benchmark, 'got10k')
read_lasot = partial(read_benchmark, 'lasot')
read_trackingnet = partial(read_benchmark, 'trackingnet')


def read_vot(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read the sequences of a VOT workspace: ``<sequence>/groundtruth.txt``; the object's id is 1.

    Rotated boxes become their bounding boxes; special codes, ``nan`` and empty masks mean that it is absent.

    Raises:
        AnnotationError: no sequence, a damaged region, or a mask of a video whose size is not known.
    """
    names = (
        read_image_set(path / 'list.txt')
        if is_file(path / 'list.txt')
        else sorted(file.parent.name for file in path.glob('*/groundtruth.txt'))
    )
    if not names:
        raise AnnotationError(f'{path}: no VOT sequence found; expected folders with groundtruth.txt.')
    return [_vot_video(path / name, name, context) for name in names]


def _vot_video(folder: Path, name: str, context: Context) -> AnnotatedVideo:
    where = str(folder / 'groundtruth.txt')
    regions = read_regions(where)
    size = None
    if context.videos is None and is_file(folder / 'sequence'):
        with contextlib.suppress(AnnotationError):  # raised again if masks, or the target, need a size
            size = read_size(folder)
    names = [from_one(t) for t in range(len(regions))]
    video = context.start_video(name, where, len(names), size, names, [name, f'{name}/color'])
    obj = AnnotatedObject(1)
    for t, region in enumerate(regions):
        if isinstance(region, Mask):
            height, width = video.known_size()
            mask = rasterise(region, (0, 0, width - 1, height - 1))
            if mask.any():
                obj.masks[t] = encode_mask(mask)
        elif (box := _box_of(region, context)) is not None:
            obj.boxes[t] = box
    video.objects, video.annotated = [obj], list(range(len(regions)))
    return video


def _box_of(region: object, context: Context) -> Box | None:
    if isinstance(region, Rectangle):
        x1, y1, x2, y2 = xyxy(region)
    elif isinstance(region, Polygon):
        context.drop('rotations of boxes (the bounding boxes are kept)')
        (x1, y1), (x2, y2) = region.points.min(0).tolist(), region.points.max(0).tolist()
    else:
        return None
    return (x1, y1, x2, y2) if x2 > x1 and y2 > y1 else None


def write_vot(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write ``groundtruth.txt`` and ``sequence`` per video, and ``list.txt``; frames belong in ``color``.

    A frame has a mask if the object has one there, otherwise a rectangle.

    Raises:
        AnnotationError: a video with several objects, frames that are not annotated, or no size.
    """
    for video in videos:
        obj, (height, width) = _only_object(video), video.known_size()
        folder = output_path(path, video.name)
        regions = [_region(video, obj, t) for t in range(len(video.frame_names))]
        write_regions(folder / 'groundtruth.txt', regions)
        lines = [
            f'width={width}',
            f'height={height}',
            f'length={len(regions)}',
            'channels.color=color/%08d.jpg',
        ]
        write_lines(folder / 'sequence', [f'name={video.name}', *lines, f'fps={video.fps or 30:g}'])
    write_lines(path / 'list.txt', [video.name for video in videos])


def _region(video: AnnotatedVideo, obj: AnnotatedObject, t: int) -> Mask | Rectangle | int:
    mask, box = video.mask(obj, t), video.box(obj, t)
    if mask is not None:
        return mask_region(mask)
    return 0 if box is None else Rectangle(*xywh(box))
