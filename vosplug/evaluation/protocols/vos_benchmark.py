"""The conventions of the public evaluator vos-benchmark."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ConfigError
from ...structures import FrameResult, VideoSample
from ...structures.box_ops import VOID
from .base import PROTOCOLS
from .davis import inner_frames
from .masks import MaskProtocol, MaskScores, ground_truth, present_ids


@PROTOCOLS.register_module(name='vos_benchmark')
@dataclass(frozen=True)
class VOSBenchmarkProtocol(MaskProtocol):
    """vos-benchmark's conventions for mask folders, to reproduce numbers published with it.

    Objects are all ids in the ground truth of scored frames, including 255. Each is scored from the first of
    these frames in which it is in the ground truth or the prediction. Only means are reported.

    Attributes:
        skip_ends: do not score the first and the last frame.

    Raises:
        ConfigError: ``skip_ends`` is not true or false.
    """

    name: str = 'vos_benchmark'
    skip_ends: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.skip_ends, bool):
            raise ConfigError(
                f'protocol {self.name}, skip_ends: found {self.skip_ends!r:.80}, expected true or false.'
            )

    def start(self, video: VideoSample) -> MaskScores:
        """See :class:`Protocol`."""
        return _ShownObjects(video, self)

    def frames(self, video: VideoSample) -> list[int]:
        """See :class:`MaskProtocol`."""
        return inner_frames(video, self.name) if self.skip_ends else sorted(set(video.eval_frames))

    def entering(self, t: int, pred: np.ndarray, gt: np.ndarray) -> dict[int, int]:
        """See :class:`MaskProtocol`."""
        return dict.fromkeys(sorted(_ids_with_void(pred) | _ids_with_void(gt)), t)

    def label_maps(
        self, pred: np.ndarray, gt: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """See :class:`MaskProtocol`; void is an object like any other."""
        return pred, gt, None

    def object_statistics(self, entry: dict, object_id: int) -> dict[str, float]:
        """See :class:`MaskProtocol`."""
        return {f'{m}-Mean': float(np.mean(entry[m][object_id])) for m in self.measures}


class _ShownObjects(MaskScores):
    """Drops objects that exist only in predictions."""

    def __init__(self, video: VideoSample, protocol: MaskProtocol) -> None:
        super().__init__(video, protocol)
        self.shown: set[int] = set()

    def _score(self, video: VideoSample, result: FrameResult, where: str) -> None:
        super()._score(video, result, where)
        self.shown |= _ids_with_void(ground_truth(video, result, where))

    def _entry(self) -> dict:
        tables: list[dict[int, Any]] = [self.starts, *self.series.values()]
        for by_id in tables:
            for i in set(by_id) - self.shown:
                del by_id[i]
        return super()._entry()


def _ids_with_void(mask: np.ndarray) -> set[int]:
    return {*present_ids(mask), *([VOID] if (mask == VOID).any() else [])}
