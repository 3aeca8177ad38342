"""File contents of a set of labels."""

import csv
import io
from collections.abc import Iterable

from .composition import Label

MANIFEST = ('video', 'object', 'track', 'frame', 'score', 'source', 'status', 'reason')


def manifest_row(video: str, track: str, label: Label) -> list[str]:
    """A row of the manifest; see :data:`MANIFEST`."""
    score = '' if label.score is None else f'{label.score:.4f}'
    return [
        video,
        str(label.object_id),
        track,
        label.frame,
        score,
        label.source,
        label.status,
        label.reason,
    ]


def manifest_csv(rows: Iterable[list[str]]) -> str:
    """The manifest, CSV with :data:`MANIFEST` as first line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(MANIFEST)
    writer.writerows(rows)
    return text.getvalue()


def instances_json(records: list[dict]) -> dict:
    """YouTube-VIS JSON of all videos.

    Args:
        records: per video ``name``, ``size``, ``frames`` (names), ``files`` (per frame), and ``tracks``:
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
