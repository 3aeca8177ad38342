"""Annotation files of MMTracking: CocoVID JSON, and the info lists of single-object benchmarks.

MMDetection 3.x, which absorbed MMTracking, reads the same CocoVID files.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ..errors import AnnotationError
from .box_text import BoxSequence, read_boxes
from .text_file import read_lines

_FLAGS = ('ignore', 'iscrowd', 'full_occlusion', 'out_of_view', 'absence')
_LINE = re.compile(r'[^,]+,[^,]+,\d+,\d+')
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
        return _sequence(self.name)


@dataclass(frozen=True)
class ListedVideo:
    """A line of an info list; paths are relative to the dataset."""

    folder: str  # of the frames
    annotation: str
    numbers: range  # of the frames

    @property
    def sequence(self) -> str:
        """Name of the sequence in its benchmark."""
        return _sequence(self.folder)

    @property
    def files(self) -> tuple[str, ...]:
        """The frames. TrackingNet, whose annotation has the video's name, does not pad their numbers."""
        digits = 8 if PurePosixPath(self.annotation).name == 'groundtruth.txt' else 1
        return tuple(f'{self.folder}/{number:0{digits}d}.jpg' for number in self.numbers)


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
    regions, not objects, and those of hidden objects: ``full_occlusion`` or ``out_of_view`` of LaSOT,
    ``absence`` or a ``cover`` of 0 of GOT-10k. A polygon as ``bbox``, as of VOT, becomes its bounding box.

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
            if not any(entry.get(flag) for flag in _FLAGS) and entry.get('cover', 8) > 0:
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
            _xyxy(np.array([_xywh(entry['bbox']) for entry in track], np.float64)),
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

    Frames in which it is not visible are not shown. Where only the first frame has a box, the others are
    not public, as in a test set.

    Args:
        video: from CocoVID.
        path: of the file, for messages.

    Raises:
        AnnotationError: not one object.
    """
    if len(video.objects) != 1:
        raise AnnotationError(
            f'{path}: video {video.name} has {len(video.objects)} visible objects; a single-object benchmark '
            'has one, of one instance_id.'
        )
    (track,) = video.objects
    length = len(video.frame_files)
    boxes, visible = np.full((length, 4), np.nan), np.zeros(length, bool)
    boxes[track.frames] = np.concatenate([track.boxes[:, :2], track.boxes[:, 2:] - track.boxes[:, :2]], 1)
    visible[track.frames] = True
    found = BoxSequence(video.sequence, boxes, visible)
    if np.flatnonzero(found.shown).tolist() == [0]:
        return BoxSequence(video.sequence, boxes[:1], visible[:1])
    if track.cover is None:
        return found
    cover = np.zeros(length, int)
    cover[track.frames] = track.cover
    return BoxSequence(video.sequence, boxes, visible, cover)


def is_info_list(path: str | Path) -> bool:
    """Whether a text file is an info list, see :func:`read_info_list`, rather than an image set.

    Raises:
        AnnotationError: no such file, or not text.
    """
    header, line = [*read_lines(path), '', ''][:2]
    return 'start_frame_id' in header or _LINE.fullmatch(line.strip()) is not None


def read_info_list(path: str | Path) -> list[ListedVideo]:
    """Videos in an info list of MMTracking 1.x.

    After a header line, lines are ``video_path,annotation_path,start_frame_id,end_frame_id``: folder and file
    relative to the dataset, first and last number of the frames.

    Raises:
        AnnotationError: no such file, a line of another layout, or no video.
    """
    lines = enumerate(_read_text(Path(path)).splitlines()[1:], 2)
    videos = [_listed(line.strip(), f'{path}, line {k}') for k, line in lines if line.strip()]
    if not videos:
        raise AnnotationError(f'{path}: no videos in it; expected a header line, then one line per video.')
    return videos


def _listed(line: str, where: str) -> ListedVideo:
    found = None
    if _LINE.fullmatch(line):
        folder, annotation, start, end = line.split(',')
        found = ListedVideo(folder, annotation, range(int(start), int(end) + 1))
    if found is None or not found.numbers:
        raise AnnotationError(
            f'{where}: expected video_path,annotation_path,start_frame_id,end_frame_id, found {line!r}.'
        )
    return found


def read_sot_infos(path: str | Path, root: str | Path) -> list[TrackedVideo]:
    """Read an info list that MMTracking 1.x makes from GOT-10k, LaSOT, TrackingNet or VOT.

    GOT-10k, LaSOT and VOT (``groundtruth.txt``) number frames with eight digits, TrackingNet
    (``<chunk>/anno/<video>.txt``) without padding. A video has one object, called ``0``; VOT's polygons
    become boxes.

    A test set may have only the first box; then only the first frame is annotated. Frames in which the object
    is not visible have no box: see :attr:`~vosplug.formats.box_text.BoxSequence.shown`; flags are GOT-10k's
    ``absence.label`` (1) and ``cover.label`` (0), and LaSOT's ``full_occlusion.txt`` and ``out_of_view.txt``
    (1).

    Args:
        path: the list, see :func:`read_info_list`.
        root: folder of the dataset.

    Raises:
        AnnotationError: a file is missing, a line has another layout, or the number of boxes or flags does
            not match that of the frames.
    """
    return [_sot_video(video, path, Path(root)) for video in read_info_list(path)]


def _sot_video(listed: ListedVideo, path: str | Path, root: Path) -> TrackedVideo:
    ann_file, files = root / listed.annotation, listed.files
    boxes = read_boxes(ann_file)
    if len(boxes) not in (1, len(files)):
        raise AnnotationError(
            f'{ann_file}: {len(boxes)} boxes, but {path} lists {len(files)} frames; expected as many, or '
            'the first alone. Regenerate the list from this dataset.'
        )
    sequence = BoxSequence(listed.sequence, boxes, _visible(ann_file.parent, len(boxes)))
    present = np.flatnonzero(sequence.shown)
    track = TrackedObject('0', 'object', present, _xyxy(boxes[present]), (None,) * len(present))
    return TrackedVideo(listed.folder, files, np.arange(len(boxes)), (track,))


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


def _sequence(folder: str) -> str:
    path = PurePosixPath(folder)
    return path.parent.name if path.name in ('img', 'color') else path.name


def _xywh(box: list[float]) -> list[float]:
    """Of a box x, y, width, height, or of the four corners of a polygon."""
    if len(box) != 8:
        return box
    corners = np.array(box, np.float64).reshape(4, 2)
    return [*corners.min(0).tolist(), *np.ptp(corners, 0).tolist()]


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
