"""YouTube-VIS JSON: per track ``segmentations`` and ``bboxes`` with one entry per frame."""

from pathlib import Path, PurePosixPath
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from ..errors import AnnotationError
from ..structures import VideoAnnotation, merge_object_masks
from ..structures.box_ops import MAX_OBJECTS
from .rle import decode_segmentation
from .schema import Box, Category, Id, Segmentation, Side, category_names, check_distinct
from .text_file import check_relative, read_json

_LAYOUT = (
    'that of YouTube-VIS, "videos" (id, file_names, height, width), "annotations" (video_id, bboxes or '
    'segmentations) and, optionally, "categories" (id, name)'
)


class YTVISVideo(Struct, frozen=True):
    """An entry of ``videos``."""

    id: Id
    file_names: Annotated[list[str], Meta(min_length=1)]
    height: Side
    width: Side

    @property
    def name(self) -> str:
        """Folder of the first frame."""
        return str(PurePosixPath(self.file_names[0]).parent)

    @property
    def frame_names(self) -> list[str]:
        """Names of the frames."""
        return [PurePosixPath(name).stem for name in self.file_names]


class YTVISTrack(Struct, frozen=True):
    """An entry of ``annotations``: an object, with an entry per frame, None where it is absent."""

    video_id: Id
    id: Id | None = None
    category_id: Id | None = None
    segmentations: list[Segmentation | None] | None = None
    bboxes: list[Box | None] | None = None
    object_id: Id | None = None  # in the masks that vosplug wrote the file from; not YouTube-VIS' own


class _Content(Struct, frozen=True):
    videos: list[YTVISVideo]
    annotations: list[YTVISTrack]
    categories: list[Category] | None = None


class YTVISFile:
    """An opened YouTube-VIS annotation file.

    Boxes are stored as x, y, width, height; ``segmentations`` as RLE (compressed or not) or polygons;
    an entry is null where the object is absent.

    Args:
        path: JSON with ``videos``, ``annotations`` and, optionally, ``categories``.

    Raises:
        AnnotationError: not JSON, a missing or wrong key, a video, category or frame twice, the path of a
            frame that is not below the folder of frames, or a track whose length differs from its video's.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        content: _Content = read_json(path, _Content, _LAYOUT)
        self.videos = content.videos
        self.categories = category_names(content.categories or [], path)
        check_distinct((video.id for video in self.videos), path, 'video')
        self._tracks: dict[Id, list[YTVISTrack]] = {video.id: [] for video in self.videos}
        lengths = {video.id: len(video.file_names) for video in self.videos}
        for video in self.videos:
            check_distinct(video.frame_names, path, f'video {video.id!r:.200}, frame')
            for file in video.file_names:
                check_relative(file, f'{path}, video {video.id!r:.200}')
        for k, track in enumerate(content.annotations):
            self._check_track(track, f'annotation {k}', lengths)
            self._tracks[track.video_id].append(track)

    def _check_track(self, track: YTVISTrack, label: str, lengths: dict[Id, int]) -> None:
        if track.video_id not in lengths:
            raise AnnotationError(
                f'{self.path}: {label} belongs to video {track.video_id!r:.200}, which "videos" does not '
                'list. Add the video or remove the track.'
            )
        if track.segmentations is None and track.bboxes is None:
            raise AnnotationError(f'{self.path}: {label} has neither "segmentations" nor "bboxes"; add one.')
        length = lengths[track.video_id]
        for key, entries in (('segmentations', track.segmentations), ('bboxes', track.bboxes)):
            if entries is not None and len(entries) != length:
                raise AnnotationError(
                    f'{self.path}: {label}, "{key}" has {len(entries)} entries, its video has {length} '
                    'frames. Write one entry per frame, null where the object is absent.'
                )

    def tracks(self, video: YTVISVideo) -> list[YTVISTrack]:
        """Entries of ``annotations`` of one entry of ``videos``, in file order."""
        return self._tracks[video.id]

    def annotation(self, video: YTVISVideo) -> 'YTVISAnnotation':
        """The annotation of one entry of ``videos``.

        Raises:
            AnnotationError: more tracks than an id mask holds, or an id twice.
        """
        tracks, label = self.tracks(video), f'video {video.id!r:.200}'
        if len(tracks) > MAX_OBJECTS:
            raise AnnotationError(
                f'{self.path}: {label} has {len(tracks)} tracks; an id mask holds at most {MAX_OBJECTS}. '
                'Split the video.'
            )
        check_distinct((t.id for t in tracks if t.id is not None), self.path, f'{label}, annotation')
        return YTVISAnnotation(tracks, (video.height, video.width), len(video.file_names), self.path)

    def track_categories(self, video: YTVISVideo) -> dict[int, str]:
        """Object id -> category name of one video."""
        return {
            i: self.categories.get(track.category_id, str(track.category_id))
            for i, track in enumerate(self.tracks(video), 1)
        }


class YTVISAnnotation(VideoAnnotation):
    """Tracks of one video; object ids are 1..N in file order (track ids exceed uint8).

    Args:
        tracks: entries of ``annotations`` of this video.
        size: (H, W).
        length: number of frames.
        path: the file, for error messages.
    """

    def __init__(
        self, tracks: list[YTVISTrack], size: tuple[int, int], length: int, path: str | Path
    ) -> None:
        self._tracks, self._size, self._length, self._path = tracks, size, length, path

    def _segmentations(self, t: int) -> dict[int, Segmentation]:
        stored = (
            (i, track.segmentations[t]) for i, track in enumerate(self._tracks, 1) if track.segmentations
        )
        return {i: entry for i, entry in stored if entry is not None}

    def _boxes(self, t: int) -> dict[int, Box]:
        stored = ((i, track.bboxes[t]) for i, track in enumerate(self._tracks, 1) if track.bboxes)
        return {i: entry for i, entry in stored if entry is not None}

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`; None when no track has segmentations at all."""
        if not any(track.segmentations for track in self._tracks):
            return None
        masks = ((i, self._decode(seg, i, t)) for i, seg in self._segmentations(t).items())
        return merge_object_masks(masks, self._size)

    def _decode(self, segmentation: Segmentation, object_id: int, t: int) -> np.ndarray:
        try:
            return decode_segmentation(segmentation, self._size)
        except AnnotationError as error:
            track_id = self._tracks[object_id - 1].id
            label = f'annotation {object_id if track_id is None else track_id}, frame {t}'
            raise AnnotationError(f'{self._path}: {label}: {error}') from None

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """See :class:`VideoAnnotation`; a track's stored box, or tight around its mask if it has none."""
        stored = self._boxes(t)
        boxes = super().boxes(t) if set(self._segmentations(t)) - set(stored) else {}
        for i, (x, y, w, h) in stored.items():
            boxes[i] = np.array([x, y, x + w, y + h], np.float32)
        return {i: box for i, box in boxes.items() if box[2] > box[0] and box[3] > box[1]}

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        return [t for t in range(self._length) if self._segmentations(t) or self._boxes(t)]


def ytvis_content(records: list[dict]) -> dict:
    """Content of a YouTube-VIS JSON of videos.

    Args:
        records: per video ``size``, ``frames`` (names), ``files`` (per frame), and ``tracks``:
            object id (as text), ``category`` and ``entries``, frame name -> RLE (or None) and box
            xywh.
    """
    names = sorted({track['category'] for record in records for track in record['tracks']})
    category_ids = {name: k for k, name in enumerate(names, 1)}
    videos: list[dict] = []
    annotations: list[dict] = []
    for video_id, record in enumerate(records, 1):
        height, width = record['size']
        videos.append(
            dict(
                id=video_id,
                file_names=record['files'],
                height=height,
                width=width,
                length=len(record['files']),
            )
        )
        for track in record['tracks']:
            entries = [track['entries'].get(frame, (None, None)) for frame in record['frames']]
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    video_id=video_id,
                    object_id=track['object_id'],
                    category_id=category_ids[track['category']],
                    iscrowd=0,
                    segmentations=[
                        None if rle is None else dict(size=[height, width], counts=rle) for rle, _ in entries
                    ],
                    bboxes=[box for _, box in entries],
                )
            )
    categories = [dict(id=k, name=name) for name, k in category_ids.items()]
    return dict(videos=videos, annotations=annotations, categories=categories)
