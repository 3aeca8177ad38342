"""J and F of DAVIS, frame by frame as results come."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from ...errors import VOSError
from ...registry import METRICS
from ..protocols import build_protocol
from ..report import PerObject, average_objects, sequence_table, write_json
from ..video_scores import VideoScores, object_scores


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
        self._running: dict[str, VideoScores] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Score the frames of ``data_samples``.

        Raises:
            AnnotationError: no ground truth, or a prediction of another size.
            VOSError: frames out of order or left out.
        """
        for sample in data_samples:
            video, result = sample['video'], sample['result']
            if video.name not in self._running:
                self._running[video.name] = VideoScores(video, self.protocol)
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
        self.per_object = {entry['video']: object_scores(entry, self.protocol.compat) for entry in results}
        overall = average_objects([s for objects in self.per_object.values() for s in objects.values()])
        table = sequence_table(self.per_object, overall)
        print_log(f'{self.protocol.name}, in percent\n{table}', logger='current')
        if self.out_file:
            write_json(self.out_file, self._report(overall))
        return overall

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
