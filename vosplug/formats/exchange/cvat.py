"""CVAT for video 1.1, XML.

Tracks of boxes, polygons and masks; frames are counted from 0. Coordinates are in pixels from the upper left
corner of the image, so that right and bottom are exclusive; masks are run lengths, row by row, in a part of
the image. An export lists every frame of a track (``keyframe="0"`` where CVAT interpolated); in files that
only list keyframes, boxes are interpolated linearly and masks held, as CVAT shows them. Sources:
https://docs.cvat.ai/docs/dataset_management/formats/xml_format/, and ``TrackManager`` in cvat-ai/cvat,
``cvat/apps/dataset_manager/annotation.py``, for the frames in between.
"""

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from xml.etree.ElementTree import Element

import numpy as np
from msgspec import Meta, Struct

from ...errors import AnnotationError
from ...structures.video_file import VIDEO_SUFFIXES
from ..rle import decode_mask, decode_segmentation, encode_mask
from ..schema import Coordinate, Side, as_record, check_distinct
from ..xml_file import read_xml
from .context import Context
from .keyframes import Keyframe, fill, rotated_box
from .record import AnnotatedObject, AnnotatedVideo

_LAYOUT = (
    'CVAT for video 1.1, <annotations> with <meta> and <track> (label) of <box>, <polygon> or <mask> (frame)'
)
Frame = Annotated[int, Meta(ge=0, le=2**31)]


class _Shape(Struct, frozen=True, tag_field='kind', kw_only=True):
    frame: Frame
    outside: bool = False
    occluded: bool = False


class _Box(_Shape, frozen=True, tag='box', kw_only=True):
    xtl: Coordinate
    ytl: Coordinate
    xbr: Coordinate
    ybr: Coordinate
    rotation: Coordinate = 0.0


class _Polygon(_Shape, frozen=True, tag='polygon', kw_only=True):
    points: str


class _Mask(_Shape, frozen=True, tag='mask', kw_only=True):
    rle: str
    left: Frame
    top: Frame
    width: Frame
    height: Frame


class _Track(Struct, frozen=True):
    label: str
    shapes: list[_Box | _Polygon | _Mask]
    task_id: str | None = None


class _Size(Struct, frozen=True):
    width: Side
    height: Side


class _Task(Struct, frozen=True):
    id: str = ''
    name: str = ''
    size: Frame | None = None
    start_frame: Frame = 0
    frame_filter: str = ''
    original_size: _Size | None = None
    source: str = ''

    @property
    def video(self) -> str:
        """Name of the video: that of its file, otherwise of the task; a job has neither."""
        source = self.source.replace('\\', '/').rpartition('/')[2]
        return source.rpartition('.')[0] if source.lower().endswith(VIDEO_SUFFIXES) else self.name

    @property
    def step(self) -> int:
        """Frames from one annotated frame to the next."""
        found = re.search(r'step=([1-9][0-9]{0,6})', self.frame_filter)
        return int(found[1]) if found else 1


_OF_SHAPES = {'box', 'polygon', 'mask'}


def read_cvat(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read an XML file, or all of a folder; a file of a project has several videos.

    Objects are numbered 1..N in file order. Shapes other than boxes, polygons and masks are dropped.

    Raises:
        AnnotationError: no such file, not this format, or a shape that is damaged or outside the video.
    """
    files = sorted(path.rglob('*.xml')) if path.is_dir() else [path]
    if not files:
        raise AnnotationError(f'{path}: no XML file in this folder.')
    return [video for file in files for video in _read_file(file, context)]


def _read_file(path: Path, context: Context) -> list[AnnotatedVideo]:
    root = read_xml(path)
    if root.tag != 'annotations' or root.find('image') is not None:
        found = 'CVAT for images' if root.tag == 'annotations' else f'<{root.tag:.60}>'
        raise AnnotationError(f'{path}: expected {_LAYOUT}; found {found}. Export it as CVAT for video 1.1.')
    elements = [
        *root.iterfind('meta/task'),
        *root.iterfind('meta/project/tasks/task'),
        *root.iterfind('meta/job'),
    ]
    as_checked = partial(as_record, path=path, layout=_LAYOUT, strict=False)
    tasks = as_checked([_properties(element) for element in elements], list[_Task])
    if not tasks:
        raise AnnotationError(f'{path}: lacks "meta"; the layout is {_LAYOUT}. Export it again.')
    check_distinct((task.id for task in tasks), path, 'task')
    tracks: list[_Track] = as_checked(
        [_track(element, context) for element in root.iterfind('track')], list[_Track]
    )
    ids = {task.id for task in tasks}
    for k, track in enumerate(tracks):
        if len(tasks) > 1 and track.task_id not in ids:
            raise AnnotationError(
                f'{path}: track {k}: task_id {track.task_id!r:.60} is not among the tasks in "meta". '
                'Export it again.'
            )
    return [
        _video(task, [t for t in tracks if len(tasks) == 1 or t.task_id == task.id], path, context)
        for task in tasks
    ]


def _properties(element: Element) -> dict[str, Any]:
    """Texts of the children of an element, recursively."""
    return {child.tag: _properties(child) if len(child) else child.text or '' for child in element}


def _track(element: Element, context: Context) -> dict[str, Any]:
    shapes = [child for child in element if child.tag in _OF_SHAPES]
    others = [child.tag for child in element if child.tag not in _OF_SHAPES]
    for tag in others:
        context.drop(f'<{tag:.40}> shapes of CVAT')
    return dict(element.attrib) | dict(shapes=[dict(shape.attrib, kind=shape.tag) for shape in shapes])


def _video(task: _Task, tracks: list[_Track], path: Path, context: Context) -> AnnotatedVideo:
    last = max((shape.frame for track in tracks for shape in track.shapes), default=-1)
    length = last + 1
    if task.size is not None:
        length = task.start_frame + (task.size - 1) * task.step + 1
        if last >= length:
            raise AnnotationError(
                f'{path}: has a shape in frame {last}, but the task has frames '
                f'{task.start_frame}..{length - 1}. Export it again.'
            )
    size = None
    if task.original_size is not None:
        size = task.original_size.height, task.original_size.width
    video = context.start_video(task.video or path.stem, str(path), length, size)
    unknown: set[int] = set()
    for k, track in enumerate(tracks):
        where = f'{path}: track {k}'
        check_distinct((shape.frame for shape in track.shapes), path, f'track {k}, frame')
        keyframes = [
            _keyframe(shape, video, f'{where}, frame {shape.frame}', context)
            for shape in sorted(track.shapes, key=lambda shape: shape.frame)
        ]
        obj = AnnotatedObject(len(video.objects) + 1, track.label)
        unknown |= fill(obj, keyframes, length, context, where, task.step)
        video.objects.append(obj)
    context.drop('frames between polygons, which CVAT interpolates when it exports', len(unknown))
    annotated = range(task.start_frame, length, task.step)
    shown = {t for obj in video.objects for t in obj.frames}
    video.annotated = sorted({*annotated, *shown} - unknown)
    for obj in video.objects:
        for t in unknown:
            obj.boxes.pop(t, None)
            obj.masks.pop(t, None)
            obj.occluded.discard(t)
    return video


def _keyframe(shape: _Shape, video: AnnotatedVideo, where: str, context: Context) -> Keyframe:
    there = not shape.outside
    state = dict(shown=there, continues=there, occluded=shape.occluded)
    if isinstance(shape, _Box):
        box = (shape.xtl, shape.ytl, shape.xbr, shape.ybr)
        if shape.rotation % 360:
            context.drop('rotations of boxes (the bounding boxes are kept)')
            box = rotated_box(box, shape.rotation, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
        return Keyframe(shape.frame, box, **state)
    try:
        mask = _pixels(shape, video.known_size()) if there else np.zeros((1, 1), bool)
    except AnnotationError as error:
        raise AnnotationError(f'{where}: {error}') from None
    text = encode_mask(mask) if mask.any() else None
    return Keyframe(shape.frame, text, **state, outline=isinstance(shape, _Polygon))


def _pixels(shape: _Shape, size: tuple[int, int]) -> np.ndarray:
    if isinstance(shape, _Polygon):
        pairs = re.fullmatch(r'[-+0-9.eE,; ]*', shape.points) and re.split('[,;]', shape.points)
        try:
            return decode_segmentation([[float(number) for number in pairs or ['']]], size)
        except ValueError as error:
            if isinstance(error, AnnotationError):
                raise
            raise AnnotationError(f'expected points x,y;x,y;..., found {shape.points!r:.60}.') from None
    assert isinstance(shape, _Mask)
    right, bottom = shape.left + shape.width, shape.top + shape.height
    if right > size[1] or bottom > size[0]:
        raise AnnotationError(f'the mask ends at {right}, {bottom}, outside the {size[1]}x{size[0]} image.')
    try:
        runs = [int(run) for run in shape.rle.split(',')] if re.fullmatch('[0-9, ]*', shape.rle) else [-1]
    except ValueError:
        runs = [-1]
    mask = np.zeros(size, bool)
    mask[shape.top : bottom, shape.left : right] = decode_mask(runs, (shape.width, shape.height)).T
    return mask
