"""Evaluator of whole videos, any of which may be scored by any process."""

from collections.abc import Sequence
from typing import Any

from mmengine.dist import all_gather_object, get_rank, get_world_size
from mmengine.evaluator import BaseMetric, Evaluator

from ..errors import VOSError


class VideoEvaluator(Evaluator):
    """mmengine's evaluator, with results kept per video, by the video's index in its dataset.

    mmengine expects processes to take videos in turns, equally many each. Here each may score any videos in
    any order, or have results from an earlier run; the metrics are the same as with one process.

    Args:
        metrics: metrics of a built evaluator.
    """

    def __init__(self, metrics: Sequence[BaseMetric]) -> None:
        super().__init__(metrics)
        self._videos: dict[int, list[list]] = {}

    def finish(self, index: int) -> list[list]:
        """Collect the results that each metric has added since the last call, as those of a video."""
        results = [list(metric.results) for metric in self.metrics]
        for metric in self.metrics:
            metric.results.clear()
        self._videos[index] = results
        return results

    def restore(self, index: int, results: list[list]) -> None:
        """Restore the results of a video from an earlier :meth:`finish`."""
        self._videos[index] = results

    def evaluate(self, size: int) -> dict[str, Any]:
        """Compute all metrics over the videos of all processes.

        Args:
            size: ignored; the number of results counts instead.

        Raises:
            VOSError: two metrics return numbers of the same name, or one does not return a dict.
        """
        videos: dict[int, list[list]] = {}
        for part in all_gather_object(self._videos):
            videos |= part
        self._videos.clear()
        numbers: dict[str, Any] = {}
        for k, metric in enumerate(self.metrics):
            results = [result for index in sorted(videos) for result in videos[index][k]]
            # mmengine interleaves the results of the processes, and drops those beyond their number
            filled = results + results[:1] * (-len(results) % get_world_size())
            metric.results = filled[get_rank() :: get_world_size()]
            found = metric.evaluate(len(results))
            if not isinstance(found, dict):
                raise VOSError(
                    f'{type(metric).__name__}.compute_metrics: returned {type(found).__name__}, expected a '
                    'dict of numbers by name.'
                )
            if set(found) & set(numbers):
                shared = sorted(set(found) & set(numbers))
                raise VOSError(
                    f'test_evaluator: metrics share the names {shared}. Give each metric a different prefix.'
                )
            numbers |= found
        return numbers
