"""J and F of one video while its results come in."""

import numpy as np

from ..errors import AnnotationError, VOSError
from ..structures import FrameResult, VideoSample
from .functional import boundary_f_objects, davis_statistics, jaccard_objects
from .protocols import DAVISProtocol


class VideoScores:
    """Scores of one video while its results come in; holds numbers, never a mask.

    Invariant: ``J[i]``, ``F[i]`` and ``frames[i]`` of an object id have the same length, in frame order.
    """

    def __init__(self, video: VideoSample, protocol: DAVISProtocol) -> None:
        if video.annotation is None:
            raise AnnotationError(f'video {video.name}: no ground truth to score against.')
        self.name = video.name
        self.last_frame = len(video.source) - 1
        self.protocol = protocol
        self.pending = set(protocol.frames(video))
        self.objects = protocol.objects(video)
        self.newest = -1
        self.J: dict[int, list[float]] = {i: [] for i in self.objects}
        self.F: dict[int, list[float]] = {i: [] for i in self.objects}
        self.frames: dict[int, list[str]] = {i: [] for i in self.objects}

    def add(self, video: VideoSample, result: FrameResult) -> None:
        """Score one frame; results must come in frame order."""
        where = f'video {self.name}, frame {result.name}'
        if result.index <= self.newest:
            raise VOSError(
                f'{where}: result {result.index} came after result {self.newest}. Pass each frame once, in '
                'order, and finish a video before starting it again; video names must be unique.'
            )
        self.newest = result.index
        if result.index not in self.pending:
            return
        self.pending.remove(result.index)
        gt = _ground_truth(video, result, where)
        ids = [i for i, start in self.objects.items() if result.index > start]
        self._check_ids(result.mask, where)
        pred, gt, void = self.protocol.label_maps(result.mask, gt)
        region, contour = jaccard_objects(pred, gt, ids, void), boundary_f_objects(pred, gt, ids, void)
        for i in ids:
            self.J[i].append(region[i])
            self.F[i].append(contour[i])
            self.frames[i].append(result.name)

    def _check_ids(self, mask: np.ndarray, where: str) -> None:
        highest = max(self.objects)
        if self.protocol.compat and not self.protocol.single_object and mask.max() > highest:
            raise AnnotationError(
                f'{where}: predicted id {mask.max()}, but the highest id of the first ground-truth frame is '
                f'{highest}; {self.protocol.compat} stops here. Score without compat, or drop the id.'
            )

    def finish(self) -> dict:
        """The video's result, plain and picklable."""
        if self.pending:
            raise VOSError(
                f'video {self.name}: no result for {len(self.pending)} frames to score, the first is '
                f'{min(self.pending)}. A method must yield every frame.'
            )
        unscored = [i for i, values in self.J.items() if not values]
        if unscored:
            raise AnnotationError(
                f'video {self.name}: objects {unscored} are prompted in or after the last frame to score, '
                f'so {self.protocol.name} cannot score them. Remove their prompts.'
            )
        return dict(video=self.name, J=self.J, F=self.F, frames=self.frames)


def _ground_truth(video: VideoSample, result: FrameResult, where: str) -> np.ndarray:
    gt = video.annotation.mask(result.index)
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


def object_scores(entry: dict, compat: str | None = None) -> dict[int, dict[str, float]]:
    """Mean, recall and decay of J and F of every object of a finished video."""
    scores: dict[int, dict[str, float]] = {}
    for i in entry['J']:
        scores[i] = {}
        for measure in ('J', 'F'):
            statistics = davis_statistics(entry[measure][i], compat)
            for name, value in zip(('Mean', 'Recall', 'Decay'), statistics, strict=True):
                scores[i][f'{measure}-{name}'] = value
    return scores
