"""Composition of a video's labels from object masks: overlaps, ignored masks and manual masks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import AnnotationError, ConfigError
from ..evaluation.functional import jaccard
from ..formats.rle import decode_mask, encode_mask
from ..formats.table import parse_object, read_table
from ..structures import VideoAnnotation, VideoSource, boxes_of_mask, fill_box
from ..structures.box_ops import VOID
from .box_video import NO_AREA, NOT_FINITE, TWICE, BoxVideo, why_unusable
from .labeller import ObjectMask

NO_PLACE = (NOT_FINITE, NO_AREA)
UNREAD = 'frame missing or damaged'


@dataclass
class Label:
    """Label of one object in one frame: a row of the manifest, with its mask.

    Attributes:
        object_id: 1..254.
        frame: its name.
        score: mean probability of the mask, in [0, 1]; None for manual masks.
        source: ``'auto'`` or ``'manual'``.
        status: ``'ok'``; ``'ignored'``, the mask was removed and its box is void; ``'fixed'``, a manual
            correction; ``'skipped'``, the box is unusable.
        reason: of ``'ignored'`` and ``'skipped'``.
        mask: bool (H, W), None if there is none.
        void: bool (H, W), void pixels of a manual mask; None if there are none.
        boxes: xyxy as given; several if the object was given twice.
    """

    object_id: int
    frame: str
    score: float | None = None
    source: str = 'auto'
    status: str = 'ok'
    reason: str = ''
    mask: np.ndarray | None = None
    void: np.ndarray | None = None
    boxes: list[np.ndarray] = field(default_factory=list)

    @property
    def area(self) -> int:
        """Pixels of the mask."""
        return 0 if self.mask is None else int(self.mask.sum())


# overlap rule -> sort key; later labels are on top
OVERLAPS: dict[str, Callable[[Label], tuple]] = {
    'score': lambda label: (label.score, -label.object_id),
    'smaller': lambda label: (-label.area, -label.object_id),
    'first': lambda label: (-label.object_id,),
    'last': lambda label: (label.object_id,),
}


@dataclass
class Rules:
    """Rules by which labels are made from masks.

    Args:
        overlap: which of two overlapping automatic masks gets a pixel: ``'score'``, the one with the higher
            mean probability; ``'smaller'``, the smaller one; ``'first'``, the one with the lower id;
            ``'last'``, the one with the higher id. Manual masks always take precedence.
        listed: (video, object id, frame) of masks that a human rejected.
        min_iou: automatic masks with a lower IoU with the ground truth are ignored, which simulates a human
            (Voigtlaender et al. 2021, Sec. 3.2); in [0, 1].

    Raises:
        ConfigError: an unknown overlap rule, or a threshold out of range.
    """

    overlap: str = 'score'
    listed: frozenset[tuple[str, int, str]] = frozenset()
    min_iou: float = 0.0

    def __post_init__(self) -> None:
        if self.overlap not in OVERLAPS:
            raise ConfigError(f'overlap: found {self.overlap!r}, expected one of {sorted(OVERLAPS)}.')
        if not 0 <= self.min_iou <= 1:
            raise ConfigError(f'min_iou: found {self.min_iou}, expected a number from 0 to 1.')


Manual = Mapping[int, Mapping[str, np.ndarray]]


class Composer:
    """Composes the labels of one video, frame by frame.

    Args:
        video: its boxes.
        source: its frames.
        auto: object id -> frame name -> the network's mask.
        manual: object id -> frame name -> uint8 (H, W), manual masks: 1 the object, 255 void.
        corrections: likewise, manual masks that replace bad masks.
        rules: see :class:`Rules`.
        truth: ground truth with the frames of ``video``, for ``rules.min_iou``.
    """

    def __init__(
        self,
        video: BoxVideo,
        source: VideoSource,
        auto: Mapping[int, Mapping[str, ObjectMask]],
        manual: Manual,
        corrections: Manual,
        rules: Rules,
        truth: VideoAnnotation | None = None,
    ) -> None:
        self.video, self.size, self.there = video, source.size, set(source.frame_names)
        self.auto, self.manual, self.corrections = auto, manual, corrections
        self.rules, self.truth = rules, truth

    def __iter__(self) -> Iterator[tuple[str, np.ndarray | None, list[Label]]]:
        """Yield name, id mask uint8 (H, W) (None if the frame cannot be read) and labels of each frame."""
        for frame in self.video.frames:
            yield frame, *self.frame(frame)

    def frame(self, frame: str) -> tuple[np.ndarray | None, list[Label]]:
        """Id mask and labels of one frame, as in iteration."""
        truth = None
        if self.truth is not None and self.rules.min_iou:
            truth = self.truth.mask(self.video.frames.index(frame))
        labels = [label for i in self.video.tracks if (label := self._label(i, frame, truth))]
        unread = frame not in self.there or any(label.reason == UNREAD for label in labels)
        return None if unread else self._paint(labels), labels

    def _label(self, object_id: int, frame: str, truth: np.ndarray | None) -> Label | None:
        boxes = self.video.tracks[object_id].boxes.get(frame, [])
        manual = self._manual_label(object_id, frame)
        if manual is None and not boxes:
            return None
        if frame not in self.there:
            return Label(object_id, frame, status='skipped', reason=UNREAD)
        if manual is not None:
            return manual
        label = Label(object_id, frame, boxes=boxes)
        reason = why_unusable(boxes, self.size)
        made = self.auto.get(object_id, {}).get(frame)
        if reason or made is None:
            label.status, label.reason = 'skipped', reason or UNREAD
            return label
        mask = decode_mask(made.rle, self.size)
        label.mask, label.score = mask, made.score
        label.reason = self._why_ignored(label, mask, truth)
        if label.reason:
            label.status = 'ignored'
        return label

    def _manual_label(self, object_id: int, frame: str) -> Label | None:
        for masks, status in ((self.corrections, 'fixed'), (self.manual, 'ok')):
            mask = masks.get(object_id, {}).get(frame)
            if mask is not None:
                boxes = list(boxes_of_mask(mask).values())  # none where the object is not visible
                return Label(object_id, frame, None, 'manual', status, '', mask == 1, mask == VOID, boxes)
        return None

    def _why_ignored(self, label: Label, mask: np.ndarray, truth: np.ndarray | None) -> str:
        if not mask.any():
            return 'empty mask'
        if (self.video.name, label.object_id, label.frame) in self.rules.listed:
            return 'listed'
        if truth is not None:
            iou = jaccard(mask, truth == label.object_id, void=truth == VOID)
            if iou < self.rules.min_iou:
                return f'IoU {iou:.3f}'
        return ''

    def _paint(self, labels: list[Label]) -> np.ndarray:
        mask = np.zeros(self.size, np.uint8)
        good = [label for label in labels if label.source == 'auto' and label.status == 'ok']
        for label in sorted(good, key=OVERLAPS[self.rules.overlap]):
            mask[label.mask] = label.object_id
        for label in labels:
            if label.status == 'ignored' or label.reason == TWICE:
                for box in label.boxes:
                    mask[fill_box(box, self.size)] = VOID
        unusable = [box for label in labels if label.status == 'skipped' for box in label.boxes]
        if any(why_unusable([box], self.size) in NO_PLACE for box in unusable):  # it may be anywhere
            mask[mask == 0] = VOID
        manual = [label for label in labels if label.source == 'manual']
        for label in manual:
            mask[label.void] = VOID
        for label in manual:
            mask[label.mask] = label.object_id
        return mask


def place_unknown(labels: Iterable[Label]) -> bool:
    """Whether an object's location in a frame is unknown; JSON, which has no void, then omits the frame."""
    return any(label.reason in (TWICE, *NO_PLACE) for label in labels)


def track_entry(mask: np.ndarray | None, label: Label) -> tuple[str | None, list[float] | None]:
    """YouTube-VIS entry of an object in a frame: RLE and box xywh, None where there is none.

    In training, a box without a mask is void, as required for ignored masks.

    Args:
        mask: id mask uint8 (H, W) of the frame, None if the frame is omitted.
        label: of the object.
    """
    if mask is None or label.status == 'skipped' or not label.boxes:
        return None, None
    hit = mask == label.object_id
    x1, y1, x2, y2 = map(float, label.boxes[0])
    return encode_mask(hit) if hit.any() else None, [x1, y1, x2 - x1, y2 - y1]


def read_listed(path: str | Path, videos: Iterable[BoxVideo]) -> frozenset[tuple[str, int, str]]:
    """Read a list of bad masks: CSV with the columns ``video,object,frame``; other columns are ignored.

    Raises:
        AnnotationError: no such file, of another layout, or a row without a matching box.
    """
    known = {(v.name, i, frame) for v in videos for i, track in v.tracks.items() for frame in track.boxes}
    listed = set()
    for where, row in read_table(path, ('video', 'object', 'frame')):
        item = (row['video'], parse_object(row['object'], where), row['frame'])
        if item not in known:
            raise AnnotationError(f'{where}: no box of video {item[0]}, object {item[1]} in frame {item[2]}.')
        listed.add(item)
    return frozenset(listed)
