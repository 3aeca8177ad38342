"""Metric that scores any protocol frame by frame."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from ...errors import VOSError
from ...formats.text_file import write_json
from ...registry import METRICS
from ..protocols import Protocol, RunningScores, build_protocol
from ..scores import Scores


@METRICS.register_module()
class VOSMetric(BaseMetric):
    """Scores of a benchmark's protocol, for ``val_evaluator`` and ``test_evaluator``.

    Each data sample is ``dict(video=VideoSample, result=FrameResult)``, one per frame in frame order.
    A video is complete with the result of its last frame and adds one entry to ``results``.
    Scores are fractions.

    Args:
        protocol: name in ``PROTOCOLS``, or a config such as
            ``dict(type='davis2017', compat='davis2017-evaluation')``.
        out_file: JSON report to write: protocol, global and per-object scores.
        collect_device: see mmengine's ``BaseMetric``.
        prefix: see mmengine's ``BaseMetric``.
        collect_dir: see mmengine's ``BaseMetric``.

    Attributes:
        scores: of the last evaluation, including per object and per frame.

    Raises:
        ConfigError: an unknown protocol or option.

    Example:
        >>> val_evaluator = dict(type='VOSMetric', protocol='davis2016')
    """

    default_prefix = ''

    def __init__(
        self,
        protocol: str | dict | Protocol = 'davis2017',
        out_file: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        self.protocol = build_protocol(protocol)
        self.out_file = out_file
        self.scores: Scores | None = None
        self._running: dict[str, RunningScores] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Score the frames of ``data_samples``.

        Raises:
            AnnotationError: no ground truth, or a prediction of a wrong size.
            VOSError: frames out of order or missing.
        """
        for sample in data_samples:
            video, result = sample['video'], sample['result']
            if video.name not in self._running:
                self._running[video.name] = self.protocol.start(video)
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
            dict: the benchmark's numbers, such as ``J&F-Mean``.

        Raises:
            VOSError: no video, a video twice, or an incomplete video.
        """
        self._check_finished()
        names = [entry['video'] for entry in results]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise VOSError(f'VOSMetric: videos {repeated} were scored twice; names must be unique.')
        if not names:
            raise VOSError('VOSMetric: no video was scored. Check that the dataset is not empty.')
        self.scores = self.protocol.summarise(results)
        print_log(f'{self.protocol.name}, in percent\n{self.scores.table()}', logger='current')
        if self.out_file:
            write_json(self.out_file, self.scores.report())
        return self.scores.overall

    def _check_finished(self) -> None:
        if not self._running:
            return
        running = list(self._running.values())
        self._running.clear()
        self.results.clear()
        raise VOSError(
            f'VOSMetric: {len(running)} videos are incomplete; {running[0].name} ended at frame '
            f'{running[0].newest}, its last one is {running[0].last_frame}. A method must yield every frame.'
        )
