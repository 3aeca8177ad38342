"""YouTube-VIS JSON; see :mod:`vosplug.formats.ytvis_json`.

``bboxes`` are x, y, width, height in pixels, ``segmentations`` run lengths or polygons, with one entry per
frame of ``file_names``, null where the object is absent. Source: https://youtube-vos.org/dataset/vis/.
"""

from collections.abc import Sequence
from pathlib import Path

from ...errors import AnnotationError
from ..rle import decode_segmentation, encode_mask
from ..schema import Id, Segmentation, check_distinct
from ..text_file import write_compact_json
from ..ytvis_json import YTVISFile, YTVISTrack, YTVISVideo, ytvis_content
from .context import Context
from .record import NO_CATEGORY, AnnotatedObject, AnnotatedVideo, xywh, xyxy


def read_ytvis(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read a file; the listed frames are annotated.

    Objects keep their ``object_id``, which vosplug writes, otherwise they are numbered 1..N in file order, as
    in all of vosplug.

    Raises:
        AnnotationError: see :class:`~vosplug.formats.ytvis_json.YTVISFile`, or a damaged mask.
    """
    file = YTVISFile(path)
    check_distinct((video.name for video in file.videos), path, 'the folder of frames')
    return [_video(file, video, context) for video in file.videos]


def _video(file: YTVISFile, listed: YTVISVideo, context: Context) -> AnnotatedVideo:
    where, size = str(file.path), (listed.height, listed.width)
    video, frames = context.start_listed(listed.file_names, where, size)
    tracks = file.tracks(listed)
    for track, number in zip(tracks, _ids(tracks), strict=True):
        category = file.categories.get(track.category_id, NO_CATEGORY)
        obj = AnnotatedObject(number, category)
        for t, box in zip(frames, track.bboxes or (), strict=False):
            if box is not None:
                obj.boxes[t] = xyxy(box)
        for t, entry in zip(frames, track.segmentations or (), strict=False):
            if entry is not None:
                label = f'{where}: video {listed.id!r:.100}, object {number}, frame {video.frame_names[t]}'
                if (text := encoded(entry, size, label)) is not None:
                    obj.masks[t] = text
        video.objects.append(obj)
    return video


def _ids(tracks: Sequence[YTVISTrack]) -> list[int]:
    given: list[Id | None] = [track.object_id for track in tracks]
    texts = [str(i) for i in given]
    if len(set(texts)) == len(texts) and all(
        t.isascii() and t.isdigit() and len(t) < 10 and int(t) for t in texts
    ):
        return [int(text) for text in texts]
    return list(range(1, len(tracks) + 1))


def encoded(segmentation: Segmentation, size: tuple[int, int], where: str) -> str | None:
    """Compressed run lengths of a JSON's mask, checked; None if it has no pixels.

    Raises:
        AnnotationError: a damaged mask; the message begins with ``where``.
    """
    try:
        mask = decode_segmentation(segmentation, size)
    except AnnotationError as error:
        raise AnnotationError(f'{where}: {error}') from None
    return encode_mask(mask) if mask.any() else None


def write_ytvis(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write a file that lists the annotated frames.

    Raises:
        AnnotationError: a video without a size.
    """
    records = []
    for video in videos:
        frames = {t: video.frame_names[t] for t in video.annotated}
        tracks = [
            dict(
                object_id=str(obj.id),
                category=obj.category,
                entries={frames[t]: (obj.masks.get(t), xywh(box)) for t, box in video.boxes(obj).items()},
            )
            for obj in video.objects
        ]
        files = [video.frame_files[t] for t in video.annotated]
        records.append(
            dict(size=video.known_size(), frames=list(frames.values()), files=files, tracks=tracks)
        )
    write_compact_json(path, ytvis_content([record for record in records if record['frames']]))
