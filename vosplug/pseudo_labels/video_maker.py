"""Makes the labels of one video on disk, unless they are up to date."""

import hashlib
import logging
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mmengine.logging import print_log

from ..atomic import atomic_path
from ..errors import AnnotationError
from ..formats.mask_folder import MaskFolderAnnotation, write_id_mask
from ..formats.output_path import check_output_name
from ..structures import VideoSource
from .box_video import BoxVideo
from .composition import Composer, Rules, place_unknown, track_entry
from .decisions import DecisionStore, VideoDecisions
from .labeller import Labeller, ObjectMask
from .manual_masks import ManualMasks
from .output import manifest_row
from .store import LabelStore, dump, file_digest, writing

FORMAT = 2  # of state files; a change of it makes all labels again


class VideoInputs(NamedTuple):
    """Inputs that determine the labels of a video."""

    decisions: VideoDecisions
    prints: dict[int, str]  # object id -> hash of all inputs of the network's masks
    fingerprint: str  # hash of all inputs of the labels


class VideoMaker:
    """Makes the labels of single videos in a folder; arguments as of :class:`~.factory.LabelFactory`."""

    def __init__(
        self,
        store: LabelStore,
        labeller: Labeller,
        rules: Rules,
        manual: ManualMasks | None,
        corrections: ManualMasks | None,
        truth: Path | None,
    ) -> None:
        self.store, self.labeller, self.rules = store, labeller, rules
        self.manual, self.corrections, self.truth = manual, corrections, truth
        self.decisions = DecisionStore(store.out)

    @property
    def digest(self) -> str:
        """Hash of what applies to all videos: model, rules and folders of masks."""
        rules = [self.rules.overlap, self.rules.min_iou, sorted(self.rules.listed), str(self.truth)]
        manual = [masks and [str(masks.folder), masks.rule] for masks in (self.manual, self.corrections)]
        return hashlib.sha256(dump([FORMAT, self.labeller.digest, rules, manual]).encode()).hexdigest()

    def inputs(self, video: BoxVideo) -> VideoInputs:
        """Current inputs of a video's labels; reads decisions and manual masks, but no frames."""
        decisions = self._decided(video)
        tuning = decisions.tuning_masks()
        prints = {i: self.labeller.fingerprint(video, i, tuning.get(i, {})) for i in video.tracks}
        content = [
            [FORMAT, self.rules.overlap, self.rules.min_iou, str(self.truth)],
            [[i, t.source_id, t.category, prints[i]] for i, t in video.tracks.items()],
            [[f, video.files[f]] for f in video.frames],
            decisions.content,
        ]
        return VideoInputs(decisions, prints, hashlib.sha256(dump(content).encode()).hexdigest())

    def _decided(self, video: BoxVideo) -> VideoDecisions:
        """Decisions in the folder, and those given by this run."""
        shown = {i: [f for f in video.frames if f in track.boxes] for i, track in video.tracks.items()}
        manual, corrections = (
            masks.of_video(video.name, video.frames, shown, video.open()) if masks else {}
            for masks in (self.manual, self.corrections)
        )
        bad = [(i, frame) for name, i, frame in self.rules.listed if name == video.name]
        found = self.decisions.read(video.name)
        for i, frame, _ in found:
            if i not in video.tracks or frame not in video.files:
                raise AnnotationError(
                    f'{self.decisions.path(video.name)}: has a decision on object {i} in frame {frame}; the '
                    f'boxes have the objects {sorted(video.tracks)} and the frames {video.frames[0]} to '
                    f'{video.frames[-1]}. Restore the boxes, or remove the entry.'
                )
        return found.with_given(bad, manual, corrections)

    def keep_decisions(self, video: BoxVideo, inputs: VideoInputs) -> None:
        """Write the decisions of this run into the folder, for later runs."""
        if inputs.decisions.revision != self.decisions.read(video.name).revision:
            self.decisions.write(video.name, inputs.decisions)

    def is_finished(self, video: BoxVideo, fingerprint: str) -> bool:
        """Whether a video's labels are up to date and still there as they were written."""
        record = self.store.read_state('finished', video.name)
        if record is None or record['fingerprint'] != fingerprint:
            return False
        written = self.store.state('finished', video.name).stat().st_mtime_ns
        folder = self.store.annotations(video.name)
        for frame, (size, digest) in record['masks'].items():
            path = folder / f'{frame}.png'
            stat = path.stat() if path.is_file() else None
            # a file that is older than the record has not been written since
            unchanged = stat and stat.st_size == size
            if not unchanged or (stat and stat.st_mtime_ns >= written and file_digest(path) != digest):
                print_log(f'{path}: missing or changed; the video is made again.', 'current', logging.WARNING)
                return False
        return True

    def record(self, name: str) -> dict:
        """Record of a finished video.

        Raises:
            AnnotationError: it is not finished.
        """
        record = self.store.read_state('finished', name)
        if record is None:
            raise self.not_finished(name)
        return record

    def not_finished(self, name: str) -> AnnotationError:
        """The error for a video that should be finished."""
        path = self.store.state('finished', name)
        return AnnotationError(f'{path}: video {name} is not finished; run the same command again.')

    def make(self, video: BoxVideo, inputs: VideoInputs) -> None:
        """Make the labels of a video; for errors see :meth:`.factory.LabelFactory.make`."""
        _check_frames(video)
        record = self.store.state('finished', video.name)
        with writing(record):
            record.unlink(missing_ok=True)
        source = video.open()
        auto = self._masks(video, source, inputs)
        self._write(
            video, source.size, self.composer(video, source, auto, inputs.decisions), inputs.fingerprint
        )

    def composer(
        self,
        video: BoxVideo,
        source: VideoSource,
        auto: Mapping[int, Mapping[str, ObjectMask]],
        decisions: VideoDecisions,
    ) -> Composer:
        """The composer of a video's labels from the network's masks and the decisions."""
        size, truth = source.size, None
        if decisions.size not in (None, size):
            raise AnnotationError(
                f'{self.decisions.path(video.name)}: has masks of (H, W) {decisions.size}, the video is '
                f'{size}. Restore the frames, or remove the file.'
            )
        if self.truth is not None:
            truth = MaskFolderAnnotation(self.truth / video.name, video.frames)
        rules = replace(self.rules, listed=decisions.bad(video.name))
        manual, corrections = decisions.masks('manual'), decisions.masks('fixed')
        return Composer(video, source, auto, manual, corrections, rules, truth)

    def cached_masks(self, video: BoxVideo) -> dict[int, dict[str, ObjectMask]]:
        """The network's masks in the cache, up to date or not."""
        found = self.store.read_state('masks', video.name) or {}
        return {
            i: {frame: ObjectMask(*made) for frame, made in found[str(i)]['frames'].items()}
            for i in video.tracks
            if str(i) in found
        }

    def _masks(
        self, video: BoxVideo, source: VideoSource, inputs: VideoInputs
    ) -> dict[int, dict[str, ObjectMask]]:
        """The network's masks, from the cache where their inputs are unchanged."""
        prints = inputs.prints
        before = self.store.read_state('masks', video.name) or {}
        masks = {
            i: {frame: ObjectMask(*made) for frame, made in before[str(i)]['frames'].items()}
            for i in video.tracks
            if before.get(str(i), {}).get('fingerprint') == prints[i]
        }
        missing = [i for i in video.tracks if i not in masks]
        if missing or len(before) != len(masks):
            masks |= self.labeller.label(video, source, missing, inputs.decisions.tuning_masks())
            kept = {str(i): dict(fingerprint=prints[i], frames=masks[i]) for i in video.tracks}
            self.store.write_state('masks', video.name, kept)
        return masks

    def _write(self, video: BoxVideo, size: tuple[int, int], composer: Composer, fingerprint: str) -> None:
        folder = self.store.annotations(video.name)
        entries: dict[int, dict[str, tuple]] = {i: {} for i in video.tracks}
        rows, masks = [], {}
        with writing(folder), atomic_path(folder, self.store.partial) as partial:
            partial.mkdir()
            for frame, mask, labels in composer:
                if mask is not None:
                    path = partial / f'{frame}.png'
                    write_id_mask(path, mask)
                    masks[frame] = [path.stat().st_size, file_digest(path)]
                told = None if place_unknown(labels) else mask
                for label in labels:
                    entries[label.object_id][frame] = track_entry(told, label)
                    rows.append(manifest_row(video.name, video.tracks[label.object_id].source_id, label))
            if folder.exists():
                shutil.rmtree(folder)
        record = dict(
            fingerprint=fingerprint,
            name=video.name,
            size=size,
            frames=video.frames,
            files=[video.files[frame] for frame in video.frames],
            masks=masks,
            tracks=[
                dict(object_id=i, category=track.category, entries=entries[i])
                for i, track in video.tracks.items()
            ],
            rows=rows,
        )
        # last, since it marks the video as finished
        self.store.write_state('finished', video.name, record)


def _check_frames(video: BoxVideo) -> None:
    for frame in video.frames:
        check_output_name(frame)
        if '/' in frame:
            raise AnnotationError(f'video {video.name}: frame {frame!r}; expected a name without folders.')
