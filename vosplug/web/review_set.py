"""A label folder under review: the data of its pages, and decisions about its labels."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..errors import AnnotationError, VOSError
from ..pseudo_labels import (
    BoxVideo,
    Composer,
    Decision,
    InUseError,
    Label,
    LabelFactory,
    RunLock,
    StaleRevisionError,
    VideoDecisions,
)
from .open_video import OpenVideo
from .video_list import VideoList

_LOG = logging.getLogger(__name__)  # not mmengine's, whose lock other threads may hold
Changes = list[tuple[int, str, Decision | None]]

_OPEN = 4  # videos that stay open
_BRIEF = 2.0  # seconds to wait for a lock; another server that saves holds it for less
_LOOK = 0.05  # seconds between two tries
_TRIES = 10  # to save what a job found, while others decide too


class ReviewSet:
    """Videos of a label folder, and decisions about them.

    A decision is saved first. The factory then updates the video's labels, and finally the files of the whole
    set; ``work/stale`` marks the latter as pending, so that a server continues after it was killed.

    Args:
        factory: label factory of the folder.
        videos: videos of the set.
        write_report: writes the quality report, given the manifest's rows.
    """

    def __init__(
        self,
        factory: LabelFactory,
        videos: Sequence[BoxVideo],
        write_report: Callable[[list[list[str]]], object] = lambda rows: None,
    ) -> None:
        self.factory, self.videos, self.write_report = factory, videos, write_report
        self.maker = factory.maker
        self.decisions = factory.maker.decisions
        self.problem = ''  # why files of the whole set could not be written
        self.changed: set[str] = set()  # videos with new labels that files of the whole set lack
        # (video, new revision) -> (object, frame) pairs that a job of this server decided
        self._found: dict[tuple[str, int], set[tuple[int, str]]] = {}
        self._stale = factory.out / 'work' / 'stale'
        self._guard, self._users = threading.Lock(), 0
        self._marks, self._marking = 0, threading.Lock()
        # videos whose labels may lack decisions, including those left by an earlier server
        self._unmade = {self.videos[k].name for k in self.unfinished()}
        self._opened: dict[int, OpenVideo] = {}
        self._opening = threading.Lock()
        self.list = VideoList(factory, videos)

    def video(self, k: int) -> BoxVideo:
        """Video ``k``; an IndexError if there is none."""
        if not 0 <= k < len(self.videos):
            raise IndexError(k)
        return self.videos[k]

    def open(self, k: int) -> OpenVideo:
        """Open video ``k``; the most recently used ones stay open."""
        with self._opening:
            opened = self._opened.pop(k, None) or OpenVideo(self.video(k))
            self._opened[k] = opened
            for old in list(self._opened)[:-_OPEN]:
                del self._opened[old]
            return opened

    def details(self, k: int) -> dict:
        """Frames, objects and the state of all labels of video ``k``."""
        video = self.video(k)
        opened, decisions = self.open(k), self.decisions.read(video.name)
        scores = {i: {f: m.score for f, m in by.items()} for i, by in self.maker.cached_masks(video).items()}
        height, width = opened.source.size
        objects = []
        for i, track in video.tracks.items():
            states = [
                _state(f in track.boxes, scores.get(i, {}).get(f), decisions.get(i, f)) for f in video.frames
            ]
            objects.append(dict(id=i, category=track.category, track=track.source_id, states=states))
        return dict(
            name=video.name,
            width=width,
            height=height,
            fps=float(opened.source.fps or 0),
            frames=video.frames,
            objects=objects,
            revision=decisions.revision,
        )

    def labels(self, k: int, frame: str) -> tuple[np.ndarray | None, list[Label]]:
        """Id mask and labels of a frame under all decisions, whether these labels are written yet or not."""
        opened = self.open(k)
        with opened.lock:
            return self._composer(opened).frame(frame)

    def _composer(self, opened: OpenVideo) -> Composer:
        video = opened.video
        masks, decisions = self.factory.store.state('masks', video.name), self.decisions.read(video.name)
        state = (decisions.revision, masks.stat().st_mtime_ns if masks.is_file() else 0)
        if opened.composed is None or opened.composed[0] != state:
            auto = self.maker.cached_masks(video)
            composer = self.maker.composer(video, opened.source, auto, decisions)
            opened.composed = state, composer
        return opened.composed[1]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder's lock; threads of this server share it.

        Raises:
            InUseError: a run works in the folder.
        """
        end = time.monotonic() + _BRIEF
        while not self._entered(last=time.monotonic() > end):
            time.sleep(_LOOK)
        try:
            yield
        finally:
            with self._guard:
                self._users -= 1
                if not self._users:
                    self._held.__exit__(None, None, None)

    def _entered(self, last: bool) -> bool:
        """Take or share the lock; False if it is held elsewhere, which is an error on the ``last`` try."""
        with self._guard:
            if not self._users:
                held = self.factory.editing('review')
                try:
                    held.__enter__()
                except InUseError:
                    if last:
                        raise
                    return False
                self._held = held
            self._users += 1
            return True

    def why_locked(self) -> str | None:
        """Reason why nothing can be saved now; None if there is none."""
        with self._guard:
            if self._users:
                return None
            try:
                return RunLock(self.factory.out, '', 1).holder()
            except VOSError as error:
                return str(error)

    def decide(self, k: int, revision: int, changes: Changes) -> tuple[int, Changes]:
        """Save decisions; returns the new revision, and the decisions that they replace.

        Args:
            k: video index.
            revision: the one that the decisions were made on.
            changes: object id, frame and decision of each; None revokes a decision.

        Raises:
            StaleRevisionError: somebody else decided meanwhile, or a job of this server about the same masks.
            InUseError: a run works in the folder.
            AnnotationError: an object or frame that the video does not have, or a damaged mask.
        """
        return self._decide(k, revision, changes, by_job=False)

    def _decide(self, k: int, revision: int, changes: Changes, by_job: bool) -> tuple[int, Changes]:
        video, size = self.video(k), self.open(k).source.size
        for i, frame, decision in changes:
            if i not in video.tracks or frame not in video.files:
                raise AnnotationError(f'video {video.name}: has no object {i} in frame {frame}.')
            if decision is not None and decision.rle:
                decision.mask(size)
        places = {(i, frame) for i, frame, _ in changes}
        with self.writing():
            now = self.decisions.read(video.name)
            if not self._is_current(video.name, revision, now.revision, places):
                raise StaleRevisionError(
                    f'{video.name}: another tab or person changed this video since this page loaded it. '
                    'Their change is kept, and is shown now; yours was not saved.'
                )
            before = [(i, frame, now.get(i, frame)) for i, frame, _ in changes]
            self._unmade.add(video.name)  # before the mark, which stays until all labels are made
            self._mark_stale()
            made = now.changed(changes, size)
            self.decisions.write(video.name, made)
            self._unmade.add(video.name)  # labels may have been made meanwhile, without this decision
            if by_job:
                self._found[video.name, made.revision] = places
        return made.revision, before

    def _is_current(self, name: str, revision: int, now: int, places: set[tuple[int, str]]) -> bool:
        """Whether only jobs of this server, of which pages learn later, decided since, and on other masks."""
        since = [self._found.get((name, number)) for number in range(revision + 1, now + 1)]
        return revision <= now and all(found is not None and found.isdisjoint(places) for found in since)

    def add_found(self, k: int, seen: VideoDecisions, changes: Changes) -> int:
        """Save masks that a job found, except where somebody decided since; returns how many were saved.

        Args:
            k: video index.
            seen: decisions at the start of the job.
            changes: as in :meth:`decide`.
        """
        name = self.video(k).name
        for _ in range(_TRIES):
            now = self.decisions.read(name)
            kept = [change for change in changes if now.get(*change[:2]) == seen.get(*change[:2])]
            if not kept:
                return 0
            try:
                self._decide(k, now.revision, kept, by_job=True)
                return len(kept)
            except StaleRevisionError:
                continue
        raise StaleRevisionError(f'{name}: others keep changing this video; try again later.')

    def _mark_stale(self) -> None:
        with self._marking:
            self._marks += 1
            self._stale.parent.mkdir(parents=True, exist_ok=True)
            self._stale.touch()

    def unfinished(self) -> list[int]:
        """Videos whose labels may lack decisions after a server was killed."""
        if not self._stale.exists():
            return []
        return [k for k, video in enumerate(self.videos) if self.decisions.path(video.name).is_file()]

    def make_labels(self, k: int) -> bool:
        """Update the labels of video ``k`` to all decisions; False if they were up to date.

        Raises:
            InUseError: a run works in the folder.
        """
        video = self.video(k)
        with self.writing():
            self._unmade.discard(video.name)  # first: a decision meanwhile adds it again
            try:
                made = self.factory.make(video)
            except BaseException:
                self._unmade.add(video.name)
                raise
            if made:
                self._mark_stale()
                self.list.update(video, self.maker.record(video.name)['rows'])
                self.changed.add(video.name)
        return made

    def write_whole(self) -> bool:
        """Write manifest, JSON and report unless up to date; False if nothing was or could be written."""
        if not self._stale.exists() and not self.changed:
            return False
        try:
            with self.writing():
                changed, marks = set(self.changed), self._marks
                rows = self.factory.update_whole(self.videos, changed)
                self.write_report(rows)
                self.changed -= changed
                with self._marking:
                    if marks == self._marks and not self._unmade:  # nobody decided meanwhile
                        self._stale.unlink(missing_ok=True)
        except InUseError:
            return False  # the run that holds the lock writes them too
        except VOSError as error:
            self.problem = str(error)
            _LOG.warning('files of the whole set were not written: %s', error)
            return False
        self.problem = ''
        return True

    @property
    def is_saved(self) -> bool:
        """Whether all files are up to date with the decisions."""
        return not self._stale.exists()

    @property
    def out(self) -> Path:
        """The label folder."""
        return self.factory.out


def _state(has_box: bool, score: float | None, decision: Decision | None) -> list:
    """State of an object in a frame: score or None, decision or '', how it was made, whether it has a box."""
    kind, by = (decision.kind, decision.by) if decision else ('', '')
    return [score, kind, by if kind in ('fixed', 'manual') else '', int(has_box)]
