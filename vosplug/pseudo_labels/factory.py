"""The pseudo-label factory: makes, resumes and updates the labels of a set of videos."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from ..errors import ConfigError
from ..formats.ytvis_json import ytvis_content
from .box_video import BoxVideo
from .composition import Rules
from .labeller import Labeller
from .manifest_parquet import ManifestParts
from .manual_masks import ManualMasks
from .output import manifest_csv
from .run_lock import RunLock
from .sharding import Plan, Shard
from .store import LabelStore, dump
from .video_maker import VideoMaker

WHOLE = Shard(0, 1)

# makes chunks of videos in any order; yields each chunk's index and the number of videos made in it
Executor = Callable[['LabelFactory', Plan, Sequence[int]], Iterator[tuple[int, int]]]


def local(factory: 'LabelFactory', plan: Plan, chunks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The executor that makes one chunk after another in this process."""
    return ((k, factory.make_chunk(k, plan.chunk(k))) for k in chunks)


class LabelFactory:
    """Makes pseudo-labels for videos with boxes, in a folder.

    - ``Annotations/<video>/<frame>.png``: id masks as in DAVIS, 255 where a label was ignored;
    - ``instances.json``: the same as YouTube-VIS JSON;
    - ``manifest.csv``: every object in every frame, see :class:`~.composition.Label`;
    - ``videos.txt``: video names, an image set;
    - ``decisions/``: human decisions, that is rejected and manual masks, see :mod:`~.decisions`;
    - ``work/``: the network's masks before rules are applied, and the record of finished videos.

    Rejected and manual masks that are given (``rules.listed``, ``manual``, ``corrections``) are added to the
    decisions in the folder, which every later run reads.

    Masks of the network are cached, so changed rules, lists or corrections re-run only the affected objects.
    Videos are written atomically: a resumed run produces the same bytes as an uninterrupted one. A mask that
    was deleted, damaged or edited since is made again.

    With ``manifest='parquet'``, the manifest is a folder of partitions, one per chunk of videos, and there
    is no file of the whole set; meant for sets that do not fit in memory or in one file.

    Args:
        out: the folder.
        labeller: makes the masks.
        rules: how labels are made from them.
        manual: manual masks, used for fine-tuning and kept as labels.
        corrections: likewise; all of them are used.
        truth: folder of ground-truth masks, ``<video>/<frame>.png``, for ``rules.min_iou``.
        manifest: ``'csv'`` or ``'parquet'``, which needs pyarrow.
        chunk: videos per partition, which is also the unit of work among processes; with CSV it is a video.
        recipe: text of ``work/recipe.json``, see :class:`~.recipe.Recipe`; None: none is written.

    Raises:
        ConfigError: another kind of manifest, a chunk without videos, or ``rules.min_iou`` without ``truth``.
    """

    def __init__(
        self,
        out: str | Path,
        labeller: Labeller,
        rules: Rules | None = None,
        manual: ManualMasks | None = None,
        corrections: ManualMasks | None = None,
        truth: str | Path | None = None,
        manifest: str = 'csv',
        chunk: int = 1000,
        recipe: str | None = None,
    ) -> None:
        if manifest not in ('csv', 'parquet') or chunk < 1:
            raise ConfigError(
                f"manifest={manifest!r}, chunk={chunk}: expected 'csv' or 'parquet', and at least one video."
            )
        if rules and rules.min_iou and truth is None:
            raise ConfigError(
                f'min_iou: found {rules.min_iou} without ground-truth masks, which it needs; give their '
                'folder as truth (--truth DIR).'
            )
        self.out, self.store = Path(out), LabelStore(out)
        # absolute as in the recipe, since labels are made anew for another path
        truth = None if truth is None else Path(truth).absolute()
        self.maker = VideoMaker(self.store, labeller, rules or Rules(), manual, corrections, truth)
        self.parts = ManifestParts(self.store) if manifest == 'parquet' else None
        self.chunk = chunk if self.parts else 1
        self.recipe = recipe

    def make(self, video: BoxVideo) -> bool:
        """Make the labels of a video unless they are up to date; returns whether anything was done.

        The caller holds the folder's lock, as :meth:`make_all` does.

        Raises:
            VideoError: none of its frames exists.
            AnnotationError: a manual mask does not fit, or a name that cannot be a file.
            OutputError: the labels cannot be written.
        """
        return self._make(video)[0]

    def _make(self, video: BoxVideo) -> tuple[bool, str]:
        """See :meth:`make`; also returns the hash of all inputs."""
        inputs = self.maker.inputs(video)
        self.maker.keep_decisions(video, inputs)
        if self.maker.is_finished(video, inputs.fingerprint):
            return False, inputs.fingerprint
        self.maker.make(video, inputs)
        return True, inputs.fingerprint

    def plan(self, videos: Sequence[BoxVideo]) -> Plan:
        """Division of a run's videos among processes.

        Raises:
            AnnotationError: names of videos that cannot be folders of their own.
        """
        return Plan(videos, self.chunk, self.out)

    def make_chunk(self, index: int, videos: Iterable[BoxVideo]) -> int:
        """Make a chunk of videos, and its partition of the manifest; returns how many videos were made.

        The caller holds the folder's lock, as :meth:`make_all` does.
        """
        made, fingerprints = 0, {}
        for video in videos:
            updated, fingerprints[video.name] = self._make(video)
            made += updated
        if self.parts:
            rows = (row for name in fingerprints for row in self.maker.record(name)['rows'])
            self.parts.write(index, fingerprints, rows)
        return made

    def make_all(
        self,
        videos: Sequence[BoxVideo],
        on_boxes: Callable[[int, int], None] | None = None,
        shard: Shard = WHOLE,
        executor: Executor = local,
    ) -> int:
        """Make the labels of a shard of videos; returns how many were made or updated.

        Args:
            videos: of the whole run, in the same order in all shards.
            on_boxes: called after each chunk with the number of finished boxes of the shard and the total.
            shard: which part of them.
            executor: makes the chunks.

        Raises:
            AnnotationError: names of videos that cannot be folders of their own; see :meth:`make` for more.
            OutputError: another run uses the folder, or it cannot be written to.
        """
        plan = self.plan(videos)
        chunks = plan.of_shard(shard)
        total, done, made = sum(plan.boxes[k] for k in chunks), 0, 0
        with self._lock(plan, shard.count).shard(shard.index):
            if self.recipe is not None:
                self.store.write(self.out / 'work' / 'recipe.json', self.recipe.encode())
            for k, updated in executor(self, plan, chunks):
                made += updated
                done += plan.boxes[k]
                if on_boxes:
                    on_boxes(done, total)
        return made

    def finalize(
        self,
        videos: Sequence[BoxVideo],
        after_shards: int | None = None,
        report: Callable[[list[list[str]]], None] | None = None,
    ) -> list[list[str]] | None:
        """Write the files of the whole set; returns the manifest's rows.

        Args:
            videos: of the whole run.
            after_shards: number of shards that must be finished; if they are not, or another of them is
                finalizing, nothing is done. None: all videos must be finished, however they were made.
            report: called with the rows of the manifest at the end, before another process may write.

        Returns:
            list: rows of the manifest; empty if it is Parquet, None if nothing was done.

        Raises:
            AnnotationError: a video is not finished.
            OutputError: another process uses the folder, or it cannot be written to.
        """
        plan = self.plan(videos)
        with self._lock(plan, after_shards or 1).finalization(after_shards is not None) as ours:
            if not ours:
                return None
            if after_shards is None:
                self._check_finished(videos)
            if self.parts:
                if after_shards is None:
                    for k in range(plan.num_chunks):
                        self.make_chunk(k, plan.chunk(k))
                self.parts.remove_from(plan.num_chunks)
                rows = []
            else:
                rows = self._write_whole(videos)
            self.store.clean()
            if report:
                report(rows)
        return rows

    def editing(self, by: str) -> AbstractContextManager[None]:
        """Hold the folder's lock while a few labels are changed.

        Args:
            by: name of the holder, shown to other processes.

        Raises:
            OutputError: a run works in the folder.
        """
        return RunLock(self.out, '', 1).edit(by)

    def update_whole(self, videos: Sequence[BoxVideo], changed: Collection[str]) -> list[list[str]]:
        """Write the files of the whole set after some videos were made again; see :meth:`finalize`.

        The caller holds the folder's lock, as in :meth:`editing`.

        Args:
            videos: of the whole set.
            changed: names of the videos that changed.

        Raises:
            AnnotationError: a video is not finished.
            OutputError: a file cannot be written.
        """
        if not self.parts:
            return self._write_whole(videos)
        plan = self.plan(videos)
        for k in range(plan.num_chunks):
            if any(video.name in changed for video in plan.chunk(k)):
                self.make_chunk(k, plan.chunk(k))
        return []

    def _lock(self, plan: Plan, count: int) -> RunLock:
        """The lock of a run with these inputs."""
        content = dump([self.maker.digest, plan.digest, bool(self.parts)])
        return RunLock(self.out, hashlib.sha256(content.encode()).hexdigest(), count)

    def _check_finished(self, videos: Iterable[BoxVideo]) -> None:
        for video in videos:
            if not self.maker.is_finished(video, self.maker.inputs(video).fingerprint):
                raise self.maker.not_finished(video.name)

    def _write_whole(self, videos: Iterable[BoxVideo]) -> list[list[str]]:
        records = [self.maker.record(video.name) for video in videos]
        rows = [row for record in records for row in record['rows']]
        for name, text in (
            ('videos.txt', ''.join(f'{record["name"]}\n' for record in records)),
            ('instances.json', dump(ytvis_content(records))),
            ('manifest.csv', manifest_csv(rows)),
        ):
            self.store.write(self.out / name, text.encode())
        return rows
