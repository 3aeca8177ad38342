"""TAO's JSON and CocoVID, which add videos to COCO's.

``bbox`` is x, y, width, height in pixels; ``track_id`` (TAO) or ``instance_id`` (CocoVID) identifies objects,
in TAO across all videos. Sources: https://github.com/TAO-Dataset/tao (annotations), Dave et al. 2020;
MMTracking's documentation of CocoVID, see :mod:`vosplug.formats.mmtracking`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import AnnotationError
from ..mmtracking import read_cocovid
from ..schema import Id, check_distinct
from ..tao_json import read_tao
from ..text_file import write_compact_json
from .context import Context
from .record import AnnotatedObject, AnnotatedVideo, number_objects, xywh, xyxy
from .ytvis import encoded


def read_tao_videos(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read TAO's boxes; objects are numbered 1..N per video in the order of their track ids.

    The listed images are the annotated frames. TAO's ``segmentation`` only repeats the box, and is not read.

    Raises:
        AnnotationError: see :func:`~vosplug.formats.tao_json.read_tao`, or two boxes of an object in an
        image.
    """
    content = read_tao(path)
    tracks: dict[Id, dict[Id, tuple[str, dict[Id, Any]]]] = {video.id: {} for video in content.videos}
    for image, entry, category in content.boxes(path):
        kept, boxes = tracks[image.video_id].setdefault(entry.track_id, (category, {}))
        context.check_category(kept, category)
        if image.id in boxes:
            raise AnnotationError(
                f'{path}: track {entry.track_id!r:.60} has two boxes in {image.file_name:.200}.'
            )
        boxes[image.id] = xyxy(entry.bbox)
    videos = []
    for key, images in content.frames().items():
        if images:
            sizes = {image.size for image in images} - {None}
            size = sizes.pop() if len(sizes) == 1 else None
            video, frames = context.start_listed([image.file_name for image in images], str(path), size)
            index = {image.id: t for image, t in zip(images, frames, strict=True)}
            for track, number in number_objects(tracks[key]).items():
                category, boxes = tracks[key][track]
                found = {index[image]: box for image, box in boxes.items()}
                video.objects.append(AnnotatedObject(number, category, found))
            videos.append(video)
    check_distinct((video.name for video in videos), path, 'the folder of frames')
    return videos


def read_cocovid_videos(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read CocoVID; objects are numbered 1..N per video in the order of their instance ids.

    Raises:
        AnnotationError: see :func:`~vosplug.formats.mmtracking.parse_cocovid`, or an object twice in an
        image.
    """
    videos = []
    for listed in read_cocovid(path):
        video, frames = context.start_listed(listed.frame_files, str(path), listed.size)
        for number, track in enumerate(listed.objects, 1):
            where = f'{path}: video {video.name}, object {track.source_id:.60}'
            check_distinct(track.frames.tolist(), where, 'frame')
            obj = AnnotatedObject(number, track.category)
            context.drop('boxes of objects flagged as hidden', int((~track.visible).sum()))
            for k, box, mask, shown in zip(
                track.frames.tolist(), track.boxes.tolist(), track.segmentations, track.visible, strict=True
            ):
                if shown:
                    x1, y1, x2, y2 = box
                    obj.boxes[frames[k]] = (x1, y1, x2, y2)
                    text = mask and encoded(mask, video.known_size(), f'{where}, {listed.frame_files[k]}')
                    if text:
                        obj.masks[frames[k]] = text
            video.objects.append(obj)
        videos.append(video)
    check_distinct((video.name for video in videos), path, 'the folder of frames')
    return videos


def write_tao(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write TAO's JSON of the annotated frames; track ids are numbered across all videos.

    Raises:
        AnnotationError: a video without a size.
    """
    names = sorted({obj.category for video in videos for obj in video.objects})
    category_ids = {name: k for k, name in enumerate(names, 1)}
    content: dict[str, list[dict]] = dict(
        videos=[], images=[], tracks=[], annotations=[],
        categories=[dict(id=k, name=name) for name, k in category_ids.items()],
    )  # fmt: skip
    for video_id, video in enumerate(videos, 1):
        height, width = video.known_size()
        content['videos'].append(dict(id=video_id, name=video.name, width=width, height=height))
        image_ids = {t: len(content['images']) + k for k, t in enumerate(video.annotated, 1)}
        for t, image_id in image_ids.items():
            image = dict(id=image_id, video_id=video_id, video=video.name, file_name=video.frame_files[t])
            content['images'].append({**image, 'frame_index': t, 'width': width, 'height': height})
        for obj in video.objects:
            track = dict(
                id=len(content['tracks']) + 1, category_id=category_ids[obj.category], video_id=video_id
            )
            content['tracks'].append(track)
            for t, shown in video.boxes(obj).items():
                box = xywh(shown)
                entry: dict = dict(
                    id=len(content['annotations']) + 1, image_id=image_ids[t], video_id=video_id
                )
                entry |= dict(track_id=track['id'], category_id=track['category_id'], bbox=box)
                content['annotations'].append({**entry, 'area': box[2] * box[3], 'iscrowd': 0})
    write_compact_json(path, content)
