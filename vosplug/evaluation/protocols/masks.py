"""Protocols that compare id masks, object by object."""

from abc import abstractmethod
from collections.abc import Collection
from typing import ClassVar

import cv2
import numpy as np

from ...errors import AnnotationError
from ...structures import FrameResult, Prompts, VideoSample
from ...structures.box_ops import VOID
from ..functional import boundary_f_objects, davis_statistics, jaccard_objects
from ..scores import PerObject, Scores, mean_scores
from .base import Protocol, RunningScores

REGION, CONTOUR = 'J', 'F'


class MaskProtocol(Protocol):
    """Region similarity J, and usually contour accuracy F, of each object in the scored frames.

    Benchmarks differ in the scored frames, the objects and their first scored frame, the handling of void,
    and the averaging. Predicted ids that are not scored are background for every object.

    Attributes:
        measures: ``J``, or ``J`` and ``F``.
        needs_prompts: whether the objects are those of the video's prompts.
    """

    measures: ClassVar[tuple[str, ...]] = (REGION, CONTOUR)
    needs_prompts: ClassVar[bool] = False

    def start(self, video: VideoSample) -> 'MaskScores':
        """See :class:`Protocol`."""
        return MaskScores(video, self)

    @abstractmethod
    def frames(self, video: VideoSample) -> list[int]:
        """Frames to score, ascending.

        Raises:
            AnnotationError: none is left to score.
        """

    def given(self, video: VideoSample) -> dict[int, int]:
        """Objects known at the start: id -> first frame in which it is scored."""
        return {}

    def entering(self, t: int, pred: np.ndarray, gt: np.ndarray) -> dict[int, int]:
        """Objects that appear in frame ``t``: id -> first frame in which it is scored."""
        return {}

    def counted(self, ids: list[int], gt: np.ndarray) -> list[int]:
        """Objects to score in a frame."""
        return ids

    def check(self, pred: np.ndarray, ids: Collection[int], where: str) -> None:
        """Raise AnnotationError for a prediction that cannot be scored."""

    def label_maps(
        self, pred: np.ndarray, gt: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Prediction, ground truth and void pixels as the measures expect them; void (255) is ignored.

        Args:
            pred: uint8 (H, W) ids.
            gt: uint8 (H, W) ids, 255 void.

        Returns:
            tuple: uint8 (H, W) ids of prediction and of ground truth, and void as bool (H, W) or None.
        """
        void = gt == VOID
        return pred, gt, void if void.any() else None

    def object_statistics(self, entry: dict, object_id: int) -> dict[str, float]:
        """Mean, recall and decay of each measure of an object."""
        scores = {}
        for measure in self.measures:
            statistics = davis_statistics(entry[measure][object_id], self.compat)
            for name, value in zip(('Mean', 'Recall', 'Decay'), statistics, strict=True):
                scores[f'{measure}-{name}'] = value
        return scores

    def summarise(self, entries: list[dict]) -> Scores:
        """Means over all objects of all videos."""
        per_object = {
            entry['video']: {i: self.object_statistics(entry, i) for i in entry['frames']}
            for entry in entries
        }
        keys = ('frames', *self.measures)
        per_frame = {
            entry['video']: {i: {key: entry[key][i] for key in keys} for i in entry['frames']}
            for entry in entries
        }
        overall, details = self.overall(per_object, entries), self.details(per_object, entries)
        return Scores(self.name, self.compat, overall, per_object, per_frame, details)

    def overall(self, per_object: PerObject, entries: list[dict]) -> dict[str, float]:
        """The benchmark's own numbers."""
        return mean_scores(all_objects(per_object))

    def details(self, per_object: PerObject, entries: list[dict]) -> dict[str, dict]:
        """Further tables; ``not_scored`` lists objects that appear too late to be scored."""
        late = {entry['video']: entry['not_scored'] for entry in entries if entry['not_scored']}
        return dict(not_scored=late) if late else {}


class MaskScores(RunningScores):
    """Accumulates J and F of one video.

    Invariant: the series of an object id have the same length in ``series['J']``, ``series['F']`` and
    ``series['frames']``, in frame order.
    """

    def __init__(self, video: VideoSample, protocol: MaskProtocol) -> None:
        video.require_annotation()
        super().__init__(video, protocol.frames(video))
        self.protocol = protocol
        self.categories = dict(video.categories)
        self.starts: dict[int, int] = {}
        self.series: dict[str, dict[int, list]] = {key: {} for key in ('frames', *protocol.measures)}
        self._enter(protocol.given(video))

    def _enter(self, objects: dict[int, int]) -> None:
        for i, start in objects.items():
            if i not in self.starts:
                self.starts[i] = start
                for series in self.series.values():
                    series[i] = []

    def _score(self, video: VideoSample, result: FrameResult, where: str) -> None:
        gt = ground_truth(video, result, where)
        self.protocol.check(result.mask, self.starts, where)
        pred, gt, void = self.protocol.label_maps(result.mask, gt)
        self._enter(self.protocol.entering(result.index, pred, gt))
        ids = [i for i, start in self.starts.items() if result.index >= start]
        ids = self.protocol.counted(ids, gt)
        if not ids:
            return
        found = {REGION: jaccard_objects(pred, gt, ids, void)}
        if CONTOUR in self.protocol.measures:
            found[CONTOUR] = boundary_f_objects(pred, gt, ids, void)
        for i in ids:
            self.series['frames'][i].append(result.name)
            for measure in self.protocol.measures:
                self.series[measure][i].append(found[measure][i])

    def _entry(self) -> dict:
        unscored = [i for i, frames in self.series['frames'].items() if not frames]
        if not self.starts:
            raise AnnotationError(
                f'video {self.name}: no object in the ground truth of any frame that {self.protocol.name} '
                'looks at. Leave the video out.'
            )
        if len(unscored) == len(self.starts) or (unscored and self.protocol.needs_prompts):
            raise AnnotationError(
                f'video {self.name}: objects {unscored} are first given or shown in or after the last frame '
                f'to score, so {self.protocol.name} cannot score them. Leave them out.'
            )
        kept = {key: {i: s for i, s in by_id.items() if s} for key, by_id in self.series.items()}
        return dict(kept, categories=self.categories, not_scored=unscored)


def present_ids(mask: np.ndarray) -> list[int]:
    """Object ids in a uint8 (H, W) mask, ascending, without 0 and 255."""
    counts = cv2.calcHist([np.ascontiguousarray(mask)], [0], None, [256], [0, 256]).ravel()
    return [int(i) for i in np.flatnonzero(counts) if i not in (0, VOID)]


def after_prompts(prompts: Prompts) -> dict[int, int]:
    """Object id -> the frame after its first prompt."""
    return {i: prompts.nearest_frame(i, 0) + 1 for i in prompts.object_ids}


def all_objects(per_object: PerObject) -> list[dict[str, float]]:
    """Statistics of the objects of all videos."""
    return [scores for objects in per_object.values() for scores in objects.values()]


def ground_truth(video: VideoSample, result: FrameResult, where: str) -> np.ndarray:
    """Ground truth of a result's frame, uint8 (H, W), checked against the prediction.

    Raises:
        AnnotationError: there is none, or the prediction has a wrong size or type.
    """
    gt = video.require_annotation().mask(result.index)
    if gt is None:
        raise AnnotationError(f'{where}: no ground-truth mask, though the frame is listed in eval_frames.')
    if result.mask.dtype != np.uint8:
        raise AnnotationError(f'{where}: expected a uint8 id mask, found {result.mask.dtype}.')
    if result.mask.shape != gt.shape:
        raise AnnotationError(
            f'{where}: prediction is {result.mask.shape[1]}x{result.mask.shape[0]}, ground truth is '
            f'{gt.shape[1]}x{gt.shape[0]}. Predict at the resolution of the ground truth.'
        )
    return gt
