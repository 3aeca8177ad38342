"""CocoVID JSON of MMTracking.

MMDetection 3.x, which absorbed MMTracking, reads the same CocoVID files.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct

from ..errors import AnnotationError
from .box_text import BoxSequence, bounding_box
from .schema import (
    Category,
    Coordinate,
    Id,
    Segmentation,
    Side,
    as_record,
    category_names,
    check_distinct,
    check_listed,
    id_order,
)
from .text_file import check_relative, read_json

_LAYOUT = (
    'CocoVID, "videos" (id), "images" (id, video_id, frame_id, file_name), "annotations" (image_id, '
    'instance_id, bbox) and, optionally, "categories" (id, name)'
)


class _Video(Struct, frozen=True):
    id: Id


class _Image(Struct, frozen=True):
    id: Id
    video_id: Id
    frame_id: int
    file_name: str
    height: Side | None = None
    width: Side | None = None


class _Entry(Struct, frozen=True):
    image_id: Id
    instance_id: Id
    bbox: Annotated[list[Coordinate], Meta(min_length=4, max_length=8)]  # 8: corners of a polygon
    category_id: Id | None = None
    segmentation: Segmentation | None = None
    ignore: bool | int = False
    iscrowd: bool | int = False
    full_occlusion: bool | int = False
    out_of_view: bool | int = False
    absence: bool | int = False
    cover: Annotated[int, Meta(ge=0, le=8)] | None = None

    @property
    def visible(self) -> bool:
        return not (self.full_occlusion or self.out_of_view or self.absence or self.cover == 0)


class _Content(Struct, frozen=True):
    videos: list[_Video]
    images: list[_Image]
    annotations: list[_Entry]
    categories: list[Category] = []


@dataclass(frozen=True, eq=False)
class TrackedObject:
    """Boxes of one object in K frames, in the order of the frames.

    A frame occurs twice if the file has two boxes of the object in it; frames without a box are omitted.
    """

    source_id: str  # id in the file
    category: str  # 'object' if the file has none
    frames: np.ndarray  # int64 (K,), indices into the video's frames
    boxes: np.ndarray  # float32 (K, 4) xyxy in pixels, right and bottom exclusive
    visible: np.ndarray  # bool (K,); False where the object is flagged as hidden
    segmentations: tuple[Segmentation | None, ...]  # K, as stored
    cover: np.ndarray | None = None  # int (K,), visible part 0..8 of GOT-10k


@dataclass(frozen=True, eq=False)
class TrackedVideo:
    """Frames of a video and its objects."""

    name: str  # folder of its frames
    frame_files: tuple[str, ...]  # relative to the folder of all images, in order
    annotated: np.ndarray  # int64, indices of annotated frames, including those without objects
    objects: tuple[TrackedObject, ...]
    size: tuple[int, int] | None = None  # (H, W), if the file stores it

    @property
    def sequence(self) -> str:
        """Name of the sequence in a single-object benchmark."""
        return sequence_name(self.name)


def read_cocovid(path: str | Path) -> list[TrackedVideo]:
    """Read CocoVID JSON, see :func:`parse_cocovid`.

    Raises:
        AnnotationError: no such file, not JSON, or of another layout.
    """
    return _videos(read_json(path, _Content, _LAYOUT), path)


def parse_cocovid(content: Any, path: str | Path) -> list[TrackedVideo]:
    """Videos of CocoVID JSON: COCO's layout with videos and, per annotation, an ``instance_id``.

    Frames are ordered by ``frame_id``, objects by ``instance_id``; all listed frames are annotated.
    Videos without frames are skipped, and so are annotations flagged ``ignore`` or ``iscrowd``, which mark
    regions, not objects. An object is not visible where ``full_occlusion`` or ``out_of_view`` of LaSOT or
    ``absence`` of GOT-10k is set, or ``cover`` is 0. A polygon as ``bbox``, as of VOT, becomes its bounding
    box.

    Args:
        content: of the file.
        path: of the file, for messages.

    Raises:
        AnnotationError: of another layout, an id twice, an image or annotation of something that is not
            listed, or the path of an image that is not below the folder of images.
    """
    return _videos(as_record(content, _Content, path, _LAYOUT), path)


def _videos(content: _Content, path: str | Path) -> list[TrackedVideo]:
    check_distinct((video.id for video in content.videos), path, 'video')
    check_distinct((image.id for image in content.images), path, 'image')
    names = category_names(content.categories, path)
    images: dict[Id, list[_Image]] = {video.id: [] for video in content.videos}
    for k, image in enumerate(content.images):
        check_relative(image.file_name, f'{path}, images[{k}]')
        check_listed(image.video_id, images, f'{path}: images[{k}].video_id')
        images[image.video_id].append(image)
    video_of = {image.id: image.video_id for image in content.images}
    entries = defaultdict(list)
    for k, entry in enumerate(content.annotations):
        check_listed(entry.image_id, video_of, f'{path}: annotations[{k}].image_id')
        if len(entry.bbox) not in (4, 8):
            raise AnnotationError(
                f'{path}: annotations[{k}].bbox: expected x, y, width, height or the corners of a polygon, '
                f'found {len(entry.bbox)} numbers. Correct it.'
            )
        if not (entry.ignore or entry.iscrowd):
            entries[video_of[entry.image_id]].append(entry)
    videos = []
    for video_id, frames in images.items():
        if frames:
            where = f'video {video_id!r:.200}'
            check_distinct((image.frame_id for image in frames), path, f'{where}, frame_id')
            check_distinct((image.file_name for image in frames), path, f'{where}, file_name')
            frames.sort(key=lambda image: image.frame_id)
            videos.append(_cocovid_video(frames, entries[video_id], names))
    return videos


def _cocovid_video(images: list[_Image], entries: list[_Entry], names: dict[Id | None, str]) -> TrackedVideo:
    index = {image.id: t for t, image in enumerate(images)}
    tracks = defaultdict(list)
    for entry in sorted(entries, key=lambda e: index[e.image_id]):
        tracks[entry.instance_id].append(entry)
    objects = tuple(
        TrackedObject(
            str(key),
            names.get(track[0].category_id, 'object'),
            np.array([index[entry.image_id] for entry in track], np.int64),
            to_xyxy(np.array([bounding_box(entry.bbox) for entry in track], np.float64)),
            np.array([entry.visible for entry in track], bool),
            tuple(entry.segmentation or None for entry in track),
            _covers(track),
        )
        for key, track in sorted(tracks.items(), key=lambda item: id_order(item[0]))
    )
    files = tuple(image.file_name for image in images)
    height, width = images[0].height, images[0].width
    size = None if height is None or width is None else (height, width)
    return TrackedVideo(
        PurePosixPath(files[0]).parent.as_posix(), files, np.arange(len(files)), objects, size
    )


def _covers(track: list[_Entry]) -> np.ndarray | None:
    covers = [entry.cover for entry in track]
    return None if None in covers else np.array(covers)


def single_track(video: TrackedVideo, path: str | Path) -> BoxSequence:
    """The object of a video of a single-object benchmark.

    Where only the first frame has a box with an area, the other boxes are not public, as in a test set.

    Args:
        video: from CocoVID.
        path: of the file, for messages.

    Raises:
        AnnotationError: not exactly one object, or two boxes of it in a frame.
    """
    if len(video.objects) != 1:
        raise AnnotationError(
            f'{path}: video {video.name} has {len(video.objects)} objects; a single-object benchmark has '
            'one, of one instance_id.'
        )
    (track,) = video.objects
    twice = track.frames[1:][np.diff(track.frames) == 0]
    if len(twice):
        raise AnnotationError(
            f'{path}: video {video.name} has two boxes of its object in frame '
            f'{video.frame_files[twice[0]]}. Keep one.'
        )
    length = len(video.frame_files)
    boxes, visible = np.full((length, 4), np.nan), np.zeros(length, bool)
    boxes[track.frames] = np.concatenate([track.boxes[:, :2], track.boxes[:, 2:] - track.boxes[:, :2]], 1)
    visible[track.frames] = track.visible
    if track.cover is None:
        public = 1 if np.flatnonzero((boxes[:, 2:] > 0).all(1)).tolist() == [0] else length
        return BoxSequence(video.sequence, boxes[:public], visible[:public])
    cover = np.zeros(length, int)
    cover[track.frames] = track.cover
    return BoxSequence(video.sequence, boxes, visible, cover)


def sequence_name(folder: str) -> str:
    """Name of the sequence in its benchmark, from the folder of its frames."""
    path = PurePosixPath(folder)
    return path.parent.name if path.name in ('img', 'color') else path.name


def to_xyxy(boxes: np.ndarray) -> np.ndarray:
    """Convert x, y, width, height to xyxy, float32 (K, 4)."""
    boxes = boxes.reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1).astype(np.float32)
