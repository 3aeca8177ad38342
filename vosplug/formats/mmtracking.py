"""CocoVID JSON of MMTracking.

MMDetection 3.x, which absorbed MMTracking, reads the same CocoVID files.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ..errors import AnnotationError
from .box_text import BoxSequence
from .text_file import check_relative

_REGIONS = ('ignore', 'iscrowd')
_HIDDEN = ('full_occlusion', 'out_of_view', 'absence')
_LAYOUT = (
    '"videos" (id), "images" (id, video_id, frame_id, file_name), "annotations" (image_id, instance_id, '
    'bbox) and, optionally, "categories" (id, name)'
)


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
    segmentations: tuple[dict | list | None, ...]  # K COCO RLEs or polygons, as stored
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
    try:
        content = json.loads(Path(path).read_text('utf-8'))
    except (OSError, ValueError) as error:
        raise AnnotationError(f'{path}: cannot be read as JSON ({error}).') from None
    return parse_cocovid(content, path)


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
        AnnotationError: of another layout, or the path of an image is not below the folder of images.
    """
    try:
        names = {category['id']: category['name'] for category in content.get('categories', [])}
        images: dict[Any, list[dict]] = {video['id']: [] for video in content['videos']}
        entries = defaultdict(list)
        for image in content['images']:
            images[image['video_id']].append(image)
        video_of = {image['id']: image['video_id'] for image in content['images']}
        for entry in content['annotations']:
            if not any(entry.get(flag) for flag in _REGIONS):
                entries[video_of[entry['image_id']]].append(entry)
        videos = []
        for video_id, listed in images.items():
            if listed:
                listed.sort(key=lambda image: image['frame_id'])
                videos.append(_cocovid_video(listed, entries[video_id], names))
        for video in videos:
            for file in video.frame_files:
                check_relative(file, f'{path}, video {video.name}')
    except AnnotationError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnnotationError(
            f'{path}: expected CocoVID, {_LAYOUT}, found something else ({type(error).__name__}: {error}).'
        ) from None
    return videos


def _cocovid_video(images: list[dict], entries: list[dict], names: dict) -> TrackedVideo:
    index = {image['id']: t for t, image in enumerate(images)}
    tracks = defaultdict(list)
    for entry in sorted(entries, key=lambda e: index[e['image_id']]):
        tracks[entry['instance_id']].append(entry)
    objects = tuple(
        TrackedObject(
            str(key),
            names.get(track[0].get('category_id'), 'object'),
            np.array([index[entry['image_id']] for entry in track], np.int64),
            to_xyxy(np.array([_xywh(entry['bbox']) for entry in track], np.float64)),
            np.array([_visible(entry) for entry in track], bool),
            tuple(entry.get('segmentation') or None for entry in track),
            np.array([entry['cover'] for entry in track]) if 'cover' in track[0] else None,
        )
        for key, track in sorted(tracks.items())
    )
    files = tuple(image['file_name'] for image in images)
    first = images[0]
    size = (first['height'], first['width']) if 'height' in first and 'width' in first else None
    return TrackedVideo(
        PurePosixPath(files[0]).parent.as_posix(), files, np.arange(len(files)), objects, size
    )


def single_track(video: TrackedVideo, path: str | Path) -> BoxSequence:
    """The object of a video of a single-object benchmark.

    Where only the first frame has a box with an area, the others are not public, as in a test set.

    Args:
        video: from CocoVID.
        path: of the file, for messages.

    Raises:
        AnnotationError: not one object, or two boxes of it in a frame.
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


def _visible(entry: dict) -> bool:
    return not any(entry.get(flag) for flag in _HIDDEN) and entry.get('cover', 8) > 0


def _xywh(box: list[float]) -> list[float]:
    """Of a box x, y, width, height, or of the four corners of a polygon."""
    if len(box) != 8:
        return box
    corners = np.array(box, np.float64).reshape(4, 2)
    return [*corners.min(0).tolist(), *np.ptp(corners, 0).tolist()]


def to_xyxy(boxes: np.ndarray) -> np.ndarray:
    """float32 (K, 4) of x, y, width, height."""
    boxes = boxes.reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1).astype(np.float32)
