"""The pseudo-label factory: makes, resumes and updates the labels of a set of videos."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..atomic import atomic_path
from ..errors import AnnotationError
from ..formats.mask_folder import MaskFolderAnnotation, write_id_mask
from ..structures import VideoSource
from .box_video import BoxVideo
from .composition import Composer, Manual, Rules, place_unknown, track_entry
from .labeller import Labeller, ObjectMask
from .manual_masks import ManualMasks
from .output import dump, instances_json, manifest_csv, manifest_row


class LabelFactory:
    """Makes pseudo-labels for videos with boxes, in a folder.

    - ``Annotations/<video>/<frame>.png``: id masks as in DAVIS, 255 where a label was ignored;
    - ``instances.json``: the same as YouTube-VIS JSON;
    - ``manifest.csv``: every object in every frame, see :class:`~.composition.Label`;
    - ``videos.txt``: video names, an image set;
    - ``work/``: the network's masks before rules are applied, and the record of finished videos.

    Masks of the network are cached, so changed rules, lists or corrections re-run only the affected objects.
    Videos are written atomically: a resumed run produces the same bytes as an uninterrupted one.

    Args:
        out: the folder.
        labeller: makes the masks.
        rules: how labels are made from them.
        manual: manual masks, used for fine-tuning and kept as labels.
        corrections: likewise; all of them are used.
        truth: folder of ground-truth masks, ``<video>/<frame>.png``, for ``rules.min_iou``.
    """

    def __init__(
        self,
        out: str | Path,
        labeller: Labeller,
        rules: Rules | None = None,
        manual: ManualMasks | None = None,
        corrections: ManualMasks | None = None,
        truth: str | Path | None = None,
    ) -> None:
        self.out, self.labeller, self.rules = Path(out), labeller, rules or Rules()
        self.manual, self.corrections = manual, corrections
        self.truth = None if truth is None else Path(truth)

    # ------------------------------------------------------------------ one video

    def make(self, video: BoxVideo) -> bool:
        """Make the labels of a video unless they are up to date; returns whether anything was done.

        Raises:
            VideoError: none of its frames exists.
            AnnotationError: a manual mask does not fit.
        """
        source = video.open()
        shown = {i: [f for f in video.frames if f in track.boxes] for i, track in video.tracks.items()}
        manual, corrections = (
            masks.of_video(video.name, video.frames, shown, source) if masks else {}
            for masks in (self.manual, self.corrections)
        )
        given = {i: {**manual.get(i, {}), **corrections.get(i, {})} for i in video.tracks}
        auto = self._masks(video, source, given)
        truth = None
        if self.truth is not None:
            truth = MaskFolderAnnotation(self.truth / video.name, video.frames)
        composer = Composer(video, source, auto, manual, corrections, self.rules, truth)
        fingerprint = self._fingerprint(video, source, [auto, *map(_digests, (manual, corrections))])
        record = self._work('finished', video)
        if record.is_file() and json.loads(record.read_text())['fingerprint'] == fingerprint:
            return False
        record.unlink(missing_ok=True)
        self._write(video, source.size, composer, fingerprint)
        return True

    def _masks(
        self, video: BoxVideo, source: VideoSource, given: dict[int, dict[str, np.ndarray]]
    ) -> dict[int, dict[str, ObjectMask]]:
        """The network's masks, from the cache where their inputs are unchanged."""
        path = self._work('masks', video)
        before = json.loads(path.read_text()) if path.is_file() else {}
        prints = {i: self.labeller.fingerprint(video, i, given[i]) for i in video.tracks}
        masks = {
            i: {frame: ObjectMask(*made) for frame, made in before[str(i)]['frames'].items()}
            for i in video.tracks
            if before.get(str(i), {}).get('fingerprint') == prints[i]
        }
        missing = [i for i in video.tracks if i not in masks]
        if missing or len(before) != len(masks):
            masks |= self.labeller.label(video, source, missing, given)
            kept = {str(i): dict(fingerprint=prints[i], frames=masks[i]) for i in video.tracks}
            self._write_whole(path, dump(kept))
        return masks

    def _write(self, video: BoxVideo, size: tuple[int, int], composer: Composer, fingerprint: str) -> None:
        folder = self.out / 'Annotations' / video.name
        entries: dict[int, dict[str, tuple]] = {i: {} for i in video.tracks}
        rows = []
        with atomic_path(folder, self._partial) as partial:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            for frame, mask, labels in composer:
                if mask is not None:
                    write_id_mask(partial / f'{frame}.png', mask)
                told = None if place_unknown(labels) else mask
                for label in labels:
                    entries[label.object_id][frame] = track_entry(told, label)
                    rows.append(manifest_row(video.name, video.tracks[label.object_id].source_id, label))
            shutil.rmtree(folder, ignore_errors=True)
        record = dict(
            fingerprint=fingerprint,
            name=video.name,
            size=size,
            frames=video.frames,
            files=[video.files[frame] for frame in video.frames],
            tracks=[
                dict(object_id=i, category=track.category, entries=entries[i])
                for i, track in video.tracks.items()
            ],
            rows=rows,
        )
        # last, since it marks the video as finished
        self._write_whole(self._work('finished', video), dump(record))

    def _fingerprint(self, video: BoxVideo, source: VideoSource, masks: list[dict]) -> str:
        """Hash of all inputs of a video's labels."""
        listed = sorted(item for item in self.rules.listed if item[0] == video.name)
        rules = [self.rules.overlap, self.rules.min_iou, listed, str(self.truth)]
        boxes = [
            [i, t.source_id, t.category, {f: [b.tolist() for b in bs] for f, bs in t.boxes.items()}]
            for i, t in video.tracks.items()
        ]
        names = [source.size, source.frame_names, [[f, video.files[f]] for f in video.frames]]
        return hashlib.sha256(dump([rules, boxes, names, masks]).encode()).hexdigest()

    def _write_whole(self, path: Path, text: str) -> None:
        with atomic_path(path, self._partial) as partial:
            partial.write_text(text, encoding='utf-8')

    @property
    def _partial(self) -> Path:
        """Folder of temporary files, also of killed processes; removed when all videos are finished."""
        return self.out / 'work' / 'partial'

    def _work(self, kind: str, video: BoxVideo) -> Path:
        return self.out / 'work' / kind / f'{video.name}.json'

    # ------------------------------------------------------------------ all videos

    def make_all(self, videos: list[BoxVideo], on_boxes: Callable[[int, int], None] | None = None) -> int:
        """Make the labels of videos; returns how many were made or updated.

        Args:
            videos: of this process.
            on_boxes: called with the numbers of finished and of all boxes after each video.
        """
        total, done, made = sum(video.num_boxes for video in videos), 0, 0
        for video in videos:
            made += self.make(video)
            done += video.num_boxes
            if on_boxes:
                on_boxes(done, total)
        return made

    def finalize(self, videos: list[BoxVideo]) -> list[list[str]]:
        """Write the files of the whole set; returns the manifest's rows.

        Raises:
            AnnotationError: a video is not finished.
        """
        records = []
        for video in videos:
            path = self._work('finished', video)
            if not path.is_file():
                raise AnnotationError(
                    f'{path}: video {video.name} is not finished; run the same command again.'
                )
            records.append(json.loads(path.read_text()))
        rows = [row for record in records for row in record['rows']]
        self._write_whole(self.out / 'videos.txt', ''.join(f'{video.name}\n' for video in videos))
        self._write_whole(self.out / 'instances.json', dump(instances_json(records)))
        self._write_whole(self.out / 'manifest.csv', manifest_csv(rows))
        shutil.rmtree(self._partial, ignore_errors=True)
        return rows


def _digests(masks: Manual) -> dict[int, dict[str, str]]:
    return {
        i: {frame: hashlib.sha256(mask.tobytes()).hexdigest() for frame, mask in by.items()}
        for i, by in masks.items()
    }


def shard(videos: list[BoxVideo], rank: int, world_size: int) -> list[BoxVideo]:
    """The shard of videos of one of several processes; shards are disjoint, with about equally many boxes."""
    loads = [0] * world_size
    mine = []
    for video in sorted(videos, key=lambda v: (-v.num_boxes, v.name)):
        target = loads.index(min(loads))
        loads[target] += video.num_boxes
        if target == rank:
            mine.append(video)
    return mine
