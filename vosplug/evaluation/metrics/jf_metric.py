"""J and F of DAVIS, frame by frame as results come."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from ...errors import AnnotationError, VOSError
from ...registry import METRICS
from ...structures import FrameResult, VideoSample
from ..functional import boundary_f_objects, davis_statistics, jaccard_objects
from ..protocols import DAVISProtocol, build_protocol
from .report import PerObject, average_objects, sequence_table, write_json


class _VideoScores:
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


@METRICS.register_module()
class JFMetric(BaseMetric):
    """Region similarity J and contour accuracy F with mean, recall and decay.

    Each data sample is ``dict(video=VideoSample, result=FrameResult)``, one per frame in frame order.
    A video is finished by the result of its source's last frame and gives one entry of ``results``.
    Scores are fractions; the global ones are means over all objects of all videos.

    Args:
        protocol: name in ``PROTOCOLS``, or a config such as
            ``dict(type='davis2017', compat='davis2017-evaluation')``.
        out_file: JSON report to write: protocol, global and per-object scores.
        collect_device: see mmengine's ``BaseMetric``.
        prefix: see mmengine's ``BaseMetric``.
        collect_dir: see mmengine's ``BaseMetric``.

    Attributes:
        per_object: video name -> object id -> scores, of the last evaluation.

    Raises:
        ConfigError: an unknown protocol.

    Example:
        >>> val_evaluator = dict(type='JFMetric', protocol='davis2016')
    """

    default_prefix = ''

    def __init__(
        self,
        protocol: str | dict = 'davis2017',
        out_file: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        self.protocol = build_protocol(protocol)
        self.out_file = out_file
        self.per_object: PerObject = {}
        self._running: dict[str, _VideoScores] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Score the frames of ``data_samples``.

        Raises:
            AnnotationError: no ground truth, or a prediction of another size.
            VOSError: frames out of order or left out.
        """
        for sample in data_samples:
            video, result = sample['video'], sample['result']
            if video.name not in self._running:
                self._running[video.name] = _VideoScores(video, self.protocol)
            scores = self._running[video.name]
            scores.add(video, result)
            if result.index == scores.last_frame:
                self.results.append(self._running.pop(video.name).finish())

    def evaluate(self, size: int) -> dict:
        """See ``BaseMetric``; every process checks that its own videos are complete."""
        self._check_finished()
        return super().evaluate(size)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Global scores of finished videos.

        Args:
            results: one entry per video, as in ``self.results``.

        Returns:
            dict: ``J&F-Mean``, ``J-Mean``, ``J-Recall``, ``J-Decay``, and the same three of F.

        Raises:
            VOSError: no video, a video twice, or a video whose last frame never came.
        """
        self._check_finished()
        names = [entry['video'] for entry in results]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise VOSError(f'JFMetric: videos {repeated} were scored twice; names must be unique.')
        if not names:
            raise VOSError('JFMetric: no video was scored. Check that the dataset is not empty.')
        self.per_object = {entry['video']: self._object_scores(entry) for entry in results}
        overall = average_objects([s for objects in self.per_object.values() for s in objects.values()])
        table = sequence_table(self.per_object, overall)
        print_log(f'{self.protocol.name}, in percent\n{table}', logger='current')
        if self.out_file:
            write_json(self.out_file, self._report(overall))
        return overall

    def _object_scores(self, entry: dict) -> dict[int, dict[str, float]]:
        scores: dict[int, dict[str, float]] = {}
        for i in entry['J']:
            scores[i] = {}
            for measure in ('J', 'F'):
                statistics = davis_statistics(entry[measure][i], self.protocol.compat)
                for name, value in zip(('Mean', 'Recall', 'Decay'), statistics, strict=True):
                    scores[i][f'{measure}-{name}'] = value
        return scores

    def _report(self, overall: dict[str, float]) -> dict:
        per_object = {
            video: {str(i): scores for i, scores in objects.items()}
            for video, objects in self.per_object.items()
        }
        protocol = {'protocol': self.protocol.name, 'compat': self.protocol.compat}
        return {**protocol, 'global': overall, 'per_object': per_object}

    def _check_finished(self) -> None:
        if not self._running:
            return
        running = list(self._running.values())
        self._running.clear()
        self.results.clear()
        raise VOSError(
            f'JFMetric: {len(running)} videos are incomplete; {running[0].name} ended at frame '
            f'{running[0].newest}, its last one is {running[0].last_frame}. A method must yield every frame.'
        )
