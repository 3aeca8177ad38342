"""Label Studio's JSON export of ``VideoRectangle`` regions.

A list of tasks, whose video is a URL in ``data``. A region is a ``sequence`` of keyframes: x, y, width and
height in percent of the frame, ``frame`` counted from 1, and ``enabled``: whether the object stays, with a
box that is interpolated linearly, until the next keyframe, or the end of the video after the last one.
Keyframes always show the object. ``rotation`` is clockwise, in degrees around the upper left corner. Sources:
https://labelstud.io/tags/videorectangle, and ``extract_key_frames`` of HumanSignal/label-studio-sdk.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote

from msgspec import Meta, Struct, field

from ...errors import AnnotationError
from ...structures.video_file import VIDEO_SUFFIXES
from ..schema import Coordinate, as_record, check_distinct
from ..text_file import read_json, write_compact_json
from .context import Context
from .keyframes import Keyframe, fill, rotated_box
from .record import NO_CATEGORY, AnnotatedObject, AnnotatedVideo, xyxy

_LAYOUT = (
    'Label Studio\'s JSON, a list of tasks with "data" (the video) and "annotations" ("result", a list of '
    'regions of type "videorectangle")'
)
_UPLOADED = re.compile('^[0-9a-f]{8}-')  # Label Studio's prefix of uploaded files


class _Key(Struct, frozen=True):
    frame: Annotated[int, Meta(ge=1, le=2**31)]
    x: Coordinate
    y: Coordinate
    width: Coordinate
    height: Coordinate
    enabled: bool = True
    rotation: Coordinate = 0.0


class _Value(Struct, frozen=True):
    sequence: list[_Key] = []
    labels: list[str] = []
    frames: Annotated[int, Meta(ge=1, le=2**31)] | None = field(default=None, name='framesCount')


class _Region(Struct, frozen=True):
    type: str
    value: Any = None


class _Annotation(Struct, frozen=True):
    result: list[_Region]
    was_cancelled: bool = False


class _Task(Struct, frozen=True):
    data: dict[str, Any]
    annotations: list[_Annotation]


def read_label_studio(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read an export; objects are numbered 1..N in file order, other regions are dropped.

    Where several people annotated a task, the first annotation that was not skipped is used.

    Raises:
        AnnotationError: no such file, not this format, a task without a video, or one annotated with
            a number of frames other than the video's.
    """
    tasks: list[_Task] = read_json(path, list[_Task], _LAYOUT, 'annotation file not found.')
    videos = []
    for k, task in enumerate(tasks):
        where = f'{path}: [{k}]'
        done = [annotation for annotation in task.annotations if not annotation.was_cancelled]
        context.drop('annotations of a task by further annotators', max(len(done) - 1, 0))
        regions = done[0].result if done else []
        boxes = [region for region in regions if region.type.lower() == 'videorectangle']
        context.drop('regions of Label Studio other than boxes of a video', len(regions) - len(boxes))
        values = [as_record(region.value, _Value, path, _LAYOUT) for region in boxes]
        videos.append(_video(_name(task.data, where), values, where, context))
    check_distinct((video.name for video in videos), path, 'video')
    return videos


def _name(data: dict[str, Any], where: str) -> str:
    """Name of the video, from the first URL of one; an upload's prefix is removed."""
    for url in data.values():
        parts = re.split(r'[/\\?&=]', unquote(url)) if isinstance(url, str) and len(url) < 10_000 else []
        for part in reversed(parts):
            stem, dot, suffix = part.rpartition('.')
            if stem and f'{dot}{suffix}'.lower() in VIDEO_SUFFIXES:
                return (_UPLOADED.sub('', stem) or stem) if 'upload' in parts else stem
    raise AnnotationError(
        f'{where}.data: expected the path or URL of a video ({", ".join(VIDEO_SUFFIXES)}), found '
        f'{sorted(data)!r:.200}.'
    )


def _video(name: str, values: list[_Value], where: str, context: Context) -> AnnotatedVideo:
    counts = {value.frames for value in values if value.frames is not None}
    last = max((key.frame for value in values for key in value.sequence), default=0)
    length = max([last, *counts])
    if context.videos is not None and counts:
        # a browser's count, computed from the duration, may be off by one
        found = len(context.start_video(name, where).frame_names)
        if any(abs(count - found) > 1 for count in counts):
            raise AnnotationError(
                f'{where}: framesCount is {min(counts)}, video {name} has {found} frames: it was annotated '
                'at another frame rate than its own, so the frame numbers refer to other frames. Set '
                'frameRate of <Video> in Label Studio to that of the video, or extract frames at the rate '
                'that Label Studio used.'
            )
        length = max(last, min(length, found))
    video = context.start_video(name, where, length)
    for k, value in enumerate(values):
        label = f'{where}, region {k}'
        sequence = sorted(value.sequence, key=lambda key: key.frame)
        check_distinct((key.frame for key in sequence), label, 'frame')
        keyframes = [_keyframe(key, video, context) for key in sequence]
        context.drop('further labels of a region', max(len(value.labels) - 1, 0))
        obj = AnnotatedObject(len(video.objects) + 1, value.labels[0] if value.labels else NO_CATEGORY)
        fill(obj, keyframes, length, context, label)
        video.objects.append(obj)
    video.annotated = list(range(len(video.frame_names)))
    return video


def _keyframe(key: _Key, video: AnnotatedVideo, context: Context) -> Keyframe:
    height, width = video.known_size()
    x, y = key.x * width / 100, key.y * height / 100
    box = xyxy((x, y, key.width * width / 100, key.height * height / 100))
    if key.rotation % 360:
        context.drop('rotations of boxes (the bounding boxes are kept)')
        box = rotated_box(box, key.rotation, (x, y))
    return Keyframe(key.frame - 1, box, continues=key.enabled)


def write_label_studio(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write tasks with annotations, to import in Label Studio; videos are named ``<name>.mp4``.

    The labelling interface has ``<Video name="video" value="$video"/>``, ``<VideoRectangle name="box"
    toName="video"/>`` and ``<Labels name="labels" toName="video">``.

    Raises:
        AnnotationError: a video without a size, or two of one name in different folders.
    """
    tasks: list[dict[str, Any]] = []
    for k, (video, name) in enumerate(zip(videos, context.flat_names(videos), strict=True), 1):
        results = [_region(obj, video) for obj in video.objects]
        annotations = [dict(id=k, was_cancelled=False, result=results)]
        tasks.append(dict(id=k, data=dict(video=f'{quote(name)}.mp4'), annotations=annotations))
    write_compact_json(path, tasks)


def _region(obj: AnnotatedObject, video: AnnotatedVideo) -> dict[str, Any]:
    (height, width), boxes = video.known_size(), video.boxes(obj)
    following = dict(zip(video.annotated, video.annotated[1:], strict=False))
    fps, length, sequence = video.fps or 25.0, len(video.frame_names), []
    for t, (x1, y1, x2, y2) in boxes.items():
        sequence.append(
            dict(
                frame=t + 1, time=t / fps, rotation=0, enabled=following.get(t, t if t + 1 == length else
                None) in boxes, x=100 * x1 / width, y=100 * y1 / height, width=100 * (x2 - x1) / width,
                height=100 * (y2 - y1) / height,
            )
        )  # fmt: skip
    value = dict(framesCount=length, duration=length / fps, sequence=sequence, labels=[obj.category])
    return dict(id=f'object{obj.id}', type='videorectangle', from_name='box', to_name='video', value=value)
