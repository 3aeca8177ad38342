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
