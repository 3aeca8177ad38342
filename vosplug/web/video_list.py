"""Entries of the video list."""

from collections.abc import Iterable, Sequence

from ..formats.table import read_table
from ..pseudo_labels import BoxVideo, LabelFactory
from ..pseudo_labels.output import MANIFEST


class VideoList:
    """Scores and decision counts of all videos, from the manifest, which runs of the factory may change.

    Args:
        factory: label factory of the folder.
        videos: videos of the set.
    """

    def __init__(self, factory: LabelFactory, videos: Sequence[BoxVideo]) -> None:
        self.factory, self.videos, self._manifest = factory, videos, factory.out / 'manifest.csv'
        self._read_at: tuple[int, int] | None = None  # state of the manifest when it was read
        self._entries: dict[str, dict] = {}

    def entries(self) -> dict[str, dict]:
        """Video name -> its entry."""
        stat = self._manifest.stat() if self._manifest.is_file() else None
        state = (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)
        if state != self._read_at:
            self._entries, self._read_at = self._read(), state
        return self._entries

    def update(self, video: BoxVideo, rows: Iterable[Sequence[str]]) -> None:
        """Update the entry of a relabelled video from its new rows, before the manifest has them."""
        self.entries()[video.name] = _entry(video, rows)

    def _read(self) -> dict[str, dict]:
        rows: dict[str, list[Sequence[str]]] = {}
        if self.factory.parts is None and self._manifest.is_file():
            for _, row in read_table(self._manifest, MANIFEST):
                rows.setdefault(row['video'], []).append([row[name] for name in MANIFEST])
        else:
            for video in self.videos:
                record = self.factory.store.read_state('finished', video.name)
                rows[video.name] = record['rows'] if record else []
        return {video.name: _entry(video, rows.get(video.name, [])) for video in self.videos}


def _entry(video: BoxVideo, rows: Iterable[Sequence[str]]) -> dict:
    """Entry of one video."""
    found = [dict(zip(MANIFEST, row, strict=True)) for row in rows]
    scores = [float(row['score']) for row in found if row['score'] and row['status'] == 'ok']
    return dict(
        name=video.name,
        frames=len(video.frames),
        objects=len(video.tracks),
        worst=min(scores, default=None),
        bad=sum(row['status'] == 'ignored' for row in found),
        fixed=sum(row['status'] == 'fixed' for row in found),
        made=bool(found),
    )
