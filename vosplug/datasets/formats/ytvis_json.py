"""YouTube-VIS JSON: per-track ``segmentations`` and ``bboxes`` of the video's length."""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from ...errors import AnnotationError
from ...structures import VideoAnnotation, merge_object_masks


class YTVISFile:
    """An opened YouTube-VIS annotation file.

    Boxes are stored as x, y, width, height; ``segmentations`` as RLE (compressed or not) or polygons;
    an entry is null where the object is absent.

    Args:
        path: JSON with ``videos``, ``annotations`` and, optionally, ``categories``.

    Raises:
        AnnotationError: no JSON, a missing key, or a track whose length is not its video's.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            content = json.loads(self.path.read_text())
            self.videos: list[dict] = content['videos']
            tracks: list[dict] = content['annotations']
        except FileNotFoundError:
            raise AnnotationError(f'{path}: annotation file not found.') from None
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise AnnotationError(f'{path}: not valid JSON ({error}).') from None
        except KeyError as error:
            raise AnnotationError(
                f'{path}: key {error} is missing; expected "videos" and "annotations".'
            ) from None
        self.categories = {c['id']: c['name'] for c in content.get('categories', [])}
        self._tracks: dict[int, list[dict]] = {}
        for track in tracks:
            self._tracks.setdefault(track['video_id'], []).append(track)

    def annotation(self, video: dict) -> 'YTVISAnnotation':
        """The annotation of one entry of ``videos``."""
        length, size = len(video['file_names']), (video['height'], video['width'])
        tracks = self._tracks.get(video['id'], [])
        for track in tracks:
            for key in ('segmentations', 'bboxes'):
                if track.get(key) is not None and len(track[key]) != length:
                    raise AnnotationError(
                        f'{self.path}: annotation {track["id"]}, "{key}" has {len(track[key])} entries, '
                        f'its video has {length} frames.'
                    )
        return YTVISAnnotation(tracks, size, length)

    def track_categories(self, video: dict) -> dict[int, str]:
        """Object id -> category name of one video."""
        tracks = self._tracks.get(video['id'], [])
        return {
            i + 1: self.categories.get(t.get('category_id'), str(t.get('category_id')))
            for i, t in enumerate(tracks)
        }


class YTVISAnnotation(VideoAnnotation):
    """Tracks of one video; object ids are 1..N in file order (track ids exceed uint8).

    Args:
        tracks: entries of ``annotations`` of this video.
        size: (H, W).
        length: number of frames.
    """

    def __init__(self, tracks: list[dict], size: tuple[int, int], length: int) -> None:
        if len(tracks) > 254:
            raise AnnotationError(f'a video has {len(tracks)} tracks; an id mask holds at most 254.')
        self._tracks, self._size, self._length = tracks, size, length

    def _entries(self, key: str, t: int) -> dict[int, object]:
        return {
            i + 1: track[key][t]
            for i, track in enumerate(self._tracks)
            if track.get(key) is not None and track[key][t] is not None
        }

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`; None when no track has segmentations at all."""
        if not any(track.get('segmentations') for track in self._tracks):
            return None
        masks = {i: self._decode(seg) for i, seg in self._entries('segmentations', t).items()}
        return merge_object_masks(masks, self._size)

    def _decode(self, segmentation: dict | list) -> np.ndarray:
        height, width = self._size
        if isinstance(segmentation, list):
            segmentation = coco_mask.merge(coco_mask.frPyObjects(segmentation, height, width))
        elif isinstance(segmentation['counts'], list):
            segmentation = coco_mask.frPyObjects(segmentation, height, width)
        return coco_mask.decode(segmentation).astype(bool)

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """See :class:`VideoAnnotation`; stored boxes where there are some, else tight around masks."""
        stored = self._entries('bboxes', t)
        if not stored:
            return super().boxes(t)
        return {
            i: np.array([x, y, x + w, y + h], np.float32)
            for i, (x, y, w, h) in stored.items()
            if w > 0 and h > 0
        }

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        return [
            t for t in range(self._length) if self._entries('segmentations', t) or self._entries('bboxes', t)
        ]
