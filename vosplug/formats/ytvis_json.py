"""YouTube-VIS JSON: per track ``segmentations`` and ``bboxes`` with one entry per frame."""

from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from ..errors import AnnotationError
from ..structures import VideoAnnotation, merge_object_masks
from ..structures.box_ops import MAX_OBJECTS
from .text_file import read_json


class YTVISFile:
    """An opened YouTube-VIS annotation file.

    Boxes are stored as x, y, width, height; ``segmentations`` as RLE (compressed or not) or polygons;
    an entry is null where the object is absent.

    Args:
        path: JSON with ``videos``, ``annotations`` and, optionally, ``categories``.

    Raises:
        AnnotationError: not JSON, a missing key, or a track whose length differs from its video's.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        content = read_json(path)
        self._require(content, 'the file', 'videos', 'annotations')
        self.videos: list[dict] = content['videos']
        self.categories = {c['id']: c['name'] for c in content.get('categories') or []}
        self._tracks: dict[int, list[dict]] = {}
        for k, video in enumerate(self.videos):
            self._require(video, f'video {k}', 'id', 'file_names', 'height', 'width')
            if not video['file_names']:
                raise AnnotationError(
                    f'{self.path}: video {k} lists no frames; remove it or add its file_names.'
                )
            self._tracks[video['id']] = []
        lengths = {video['id']: len(video['file_names']) for video in self.videos}
        for k, track in enumerate(content['annotations']):
            self._check_track(track, f'annotation {k}', lengths)
            self._tracks[track['video_id']].append(track)

    def _require(self, entry: object, label: str, *keys: str) -> None:
        missing = [key for key in keys if not isinstance(entry, dict) or entry.get(key) is None]
        if missing:
            raise AnnotationError(
                f'{self.path}: {label} lacks {missing}; a YouTube-VIS file has "videos" (id, file_names, '
                'height, width) and "annotations" (video_id, bboxes or segmentations). Add what is missing.'
            )

    def _check_track(self, track: Any, label: str, lengths: dict[int, int]) -> None:
        self._require(track, label, 'video_id')
        if track['video_id'] not in lengths:
            raise AnnotationError(
                f'{self.path}: {label} belongs to video {track["video_id"]}, which "videos" does not list. '
                'Add the video or remove the track.'
            )
        length = lengths[track['video_id']]
        kinds = [key for key in ('segmentations', 'bboxes') if track.get(key) is not None]
        if not kinds:
            raise AnnotationError(f'{self.path}: {label} has neither "segmentations" nor "bboxes"; add one.')
        for key in kinds:
            if len(track[key]) != length:
                raise AnnotationError(
                    f'{self.path}: {label}, "{key}" has {len(track[key])} entries, its video has {length} '
                    'frames. Write one entry per frame, null where the object is absent.'
                )

    def tracks(self, video: dict) -> list[dict]:
        """Entries of ``annotations`` of one entry of ``videos``, in file order."""
        return self._tracks[video['id']]

    def annotation(self, video: dict) -> 'YTVISAnnotation':
        """The annotation of one entry of ``videos``."""
        tracks = self.tracks(video)
        if len(tracks) > MAX_OBJECTS:
            raise AnnotationError(
                f'{self.path}: video {video["id"]} has {len(tracks)} tracks; an id mask holds at most '
                f'{MAX_OBJECTS}. Split the video.'
            )
        return YTVISAnnotation(tracks, (video['height'], video['width']), len(video['file_names']), self.path)

    def track_categories(self, video: dict) -> dict[int, str]:
        """Object id -> category name of one video."""
        return {
            i + 1: self.categories.get(t.get('category_id'), str(t.get('category_id')))
            for i, t in enumerate(self.tracks(video))
        }


class YTVISAnnotation(VideoAnnotation):
    """Tracks of one video; object ids are 1..N in file order (track ids exceed uint8).

    Args:
        tracks: entries of ``annotations`` of this video.
        size: (H, W).
        length: number of frames.
        path: the file, for error messages.
    """

    def __init__(self, tracks: list[dict], size: tuple[int, int], length: int, path: Path) -> None:
        self._tracks, self._size, self._length, self._path = tracks, size, length, path

    def _entries(self, key: str, t: int) -> dict[int, Any]:
        return {
            i + 1: track[key][t]
            for i, track in enumerate(self._tracks)
            if track.get(key) is not None and track[key][t] is not None
        }

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`; None when no track has segmentations at all."""
        if not any(track.get('segmentations') for track in self._tracks):
            return None
        masks = {i: self._decode(seg, i, t) for i, seg in self._entries('segmentations', t).items()}
        return merge_object_masks(masks, self._size)

    def _decode(self, segmentation: dict | list, object_id: int, t: int) -> np.ndarray:
        height, width = self._size
        try:
            if isinstance(segmentation, list):
                segmentation = coco_mask.merge(coco_mask.frPyObjects(segmentation, height, width))
            elif isinstance(segmentation['counts'], list):
                segmentation = coco_mask.frPyObjects(segmentation, height, width)
            mask = coco_mask.decode(segmentation).astype(bool)
        except Exception as error:
            raise AnnotationError(
                f'{self._path}: {self._label(object_id, t)}: neither RLE nor polygon ({error}). Export it '
                'again.'
            ) from None
        if mask.shape != self._size:
            raise AnnotationError(
                f'{self._path}: {self._label(object_id, t)} is {mask.shape[1]}x{mask.shape[0]}, its video is '
                f'{width}x{height}. Export it at the size of the frames.'
            )
        return mask

    def _label(self, object_id: int, t: int) -> str:
        return f'annotation {self._tracks[object_id - 1].get("id", object_id)}, frame {t}'

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """See :class:`VideoAnnotation`; a track's stored box, or tight around its mask if it has none."""
        stored = self._entries('bboxes', t)
        boxes = super().boxes(t) if set(self._entries('segmentations', t)) - set(stored) else {}
        for i, (x, y, w, h) in stored.items():
            boxes[i] = np.array([x, y, x + w, y + h], np.float32)
        return {i: box for i, box in boxes.items() if box[2] > box[0] and box[3] > box[1]}

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        return [
            t for t in range(self._length) if self._entries('segmentations', t) or self._entries('bboxes', t)
        ]
