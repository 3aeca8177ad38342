"""Annotation files of MMTracking: CocoVID JSON, and the info lists of single-object benchmarks.

MMDetection 3.x, which absorbed MMTracking, reads the same CocoVID files.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ..errors import AnnotationError

_LAYOUT = (
    '"videos" (id), "images" (id, video_id, frame_id, file_name), "annotations" (image_id, instance_id, '
    'bbox) and, optionally, "categories" (id, name)'
)


@dataclass(frozen=True, eq=False)
class TrackedObject:
    """Boxes of one object in K frames, in the order of the frames.

    A frame occurs twice if the file has two boxes of the object in it; frames in which the object is not
    visible are omitted.
    """

    source_id: str  # id in the file
    category: str  # 'object' if the file has none
    frames: np.ndarray  # int64 (K,), indices into the video's frames
    boxes: np.ndarray  # float32 (K, 4) xyxy in pixels, right and bottom exclusive
    segmentations: tuple[dict | list | None, ...]  # K COCO RLEs or polygons, as stored


@dataclass(frozen=True, eq=False)
class TrackedVideo:
    """Frames of a video and its objects."""

    name: str  # folder of its frames
    frame_files: tuple[str, ...]  # relative to the folder of all images, in order
    annotated: np.ndarray  # int64, indices of annotated frames, including those without objects
    objects: tuple[TrackedObject, ...]
    size: tuple[int, int] | None = None  # (H, W), if the file stores it


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
    regions, not objects.

    Args:
        content: of the file.
        path: of the file, for messages.

    Raises:
        AnnotationError: of another layout.
    """
    try:
        names = {category['id']: category['name'] for category in content.get('categories', [])}
        images: dict[Any, list[dict]] = {video['id']: [] for video in content['videos']}
        entries = defaultdict(list)
        for image in content['images']:
            images[image['video_id']].append(image)
        video_of = {image['id']: image['video_id'] for image in content['images']}
        for entry in content['annotations']:
            if not (entry.get('ignore') or entry.get('iscrowd')):
                entries[video_of[entry['image_id']]].append(entry)
        videos = []
        for video_id, listed in images.items():
            if listed:
                listed.sort(key=lambda image: image['frame_id'])
                videos.append(_cocovid_video(listed, entries[video_id], names))
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
            _xyxy(np.array([entry['bbox'] for entry in track], np.float64)),
            tuple(entry.get('segmentation') or None for entry in track),
        )
        for key, track in sorted(tracks.items())
    )
    files = tuple(image['file_name'] for image in images)
    first = images[0]
    size = (first['height'], first['width']) if 'height' in first and 'width' in first else None
    return TrackedVideo(
        PurePosixPath(files[0]).parent.as_posix(), files, np.arange(len(files)), objects, size
    )


def read_sot_infos(path: str | Path, root: str | Path) -> list[TrackedVideo]:
    """Read an info list that MMTracking 1.x makes from GOT-10k, LaSOT or TrackingNet.

    After a header line, lines are ``video_path,annotation_path,start_frame_id,end_frame_id``:
    folder and file relative to the dataset, first and last number of the frames. GOT-10k and LaSOT
    (``groundtruth.txt``) number frames with eight digits, TrackingNet (``<chunk>/anno/<video>.txt``) without
    padding. A video has one object, called ``0``.

    A test set may have only the first box; then only the first frame is annotated. Frames in which the object
    is not visible have no box: the stored box has no width or height, GOT-10k's ``absence.label`` is 1 or
    ``cover.label`` 0, or LaSOT's ``full_occlusion.txt`` or ``out_of_view.txt`` is 1.

    Args:
        path: the list.
        root: folder of the dataset.

    Raises:
        AnnotationError: a file is missing, a line has another layout, or the number of boxes or flags does
            not match that of the frames.
    """
    lines = _read_text(Path(path)).splitlines()
    videos = [
        _sot_video(line, f'{path}, line {k}', Path(root))
        for k, line in enumerate(lines[1:], 2)
        if line.strip()
    ]
    if not videos:
        raise AnnotationError(f'{path}: no videos in it; expected a header line, then one line per video.')
    return videos


def _sot_video(line: str, where: str, root: Path) -> TrackedVideo:
    try:
        folder, annotation, start, end = line.strip().split(',')
        numbers = range(int(start), int(end) + 1)
    except ValueError:
        numbers = range(0)
    if not numbers:
        raise AnnotationError(
            f'{where}: expected video_path,annotation_path,start_frame_id,end_frame_id, found {line!r}.'
        )
    ann_file = root / annotation
    digits = 8 if ann_file.name == 'groundtruth.txt' else 1
    files = tuple(f'{folder}/{number:0{digits}d}.jpg' for number in numbers)
    rows = [row.split(',') for row in _read_text(ann_file).splitlines()]
    try:
        boxes = np.array(rows, np.float64).reshape(-1, 4)
    except ValueError:
        raise AnnotationError(
            f'{ann_file}: expected x,y,width,height per line, found something else.'
        ) from None
    if len(boxes) not in (1, len(files)):
        raise AnnotationError(
            f'{ann_file}: {len(boxes)} boxes, but {where} lists {len(files)} frames; expected as many, or '
            'the first alone. Regenerate the list from this dataset.'
        )
    present = np.flatnonzero((boxes[:, 2:] > 0).all(1) & _visible(ann_file.parent, len(boxes)))
    track = TrackedObject('0', 'object', present, _xyxy(boxes[present]), (None,) * len(present))
    return TrackedVideo(folder, files, np.arange(len(boxes)), (track,))


def _visible(folder: Path, count: int) -> np.ndarray:
    """Visibility of the object by the benchmark's flags, if it has any; bool (count,)."""
    visible = np.ones(count, bool)
    for name, seen in (
        ('absence.label', lambda flags: flags == 0),
        ('cover.label', lambda flags: flags > 0),
        ('full_occlusion.txt', lambda flags: flags == 0),
        ('out_of_view.txt', lambda flags: flags == 0),
    ):
        if not (folder / name).is_file():
            continue
        try:
            flags = np.array(_read_text(folder / name).replace(',', ' ').split(), np.int64)
        except ValueError:
            raise AnnotationError(f'{folder / name}: expected whole numbers, found something else.') from None
        if len(flags) < count:
            raise AnnotationError(f'{folder / name}: {len(flags)} flags for {count} boxes; expected as many.')
        visible &= seen(flags[:count])
    return visible


def _xyxy(boxes: np.ndarray) -> np.ndarray:
    """float32 (K, 4) of x, y, width, height."""
    boxes = boxes.reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1).astype(np.float32)


def _read_text(path: Path) -> str:
    try:
        return path.read_text('utf-8').strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotationError(
            f'{path}: cannot be read as text ({error}). Paths in an info list are relative to the dataset.'
        ) from None
