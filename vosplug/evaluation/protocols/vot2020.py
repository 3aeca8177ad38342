"""VOT2020 short-term: a tracker is started from every anchor of a sequence."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...errors import AnnotationError, ConfigError
from ...formats.vot_text import INITIALISATION
from ...structures import FrameResult, VideoSample
from ...structures.vot_raster import is_empty, mask_region, region_overlap
from ..functional import VOTRun, vot2020_scores, vot_sequence_scores
from ..functional.vot import EAO_INTERVAL
from ..scores import Scores
from .base import PROTOCOLS, Protocol, RunningScores
from .masks import ground_truth


@PROTOCOLS.register_module(name='vot2020')
@dataclass(frozen=True)
class VOT2020Protocol(Protocol):
    """Accuracy, robustness and EAO of VOT2020-ST (Kristan et al., 2020) from masks.

    In a Runner every run is a video: its frames in tracking order, prompted in the first one, with
    ``metainfo=dict(sequence=<name>, anchor=<frame>, length=<frames of the sequence>)``. Overlaps are
    clipped to the image. As in the toolkit, which stores a code there, the prediction in an anchor frame
    has no pixels, so every run contributes an overlap of 0 to the accuracy.

    Attributes:
        interval: first and last run length of EAO.
    """

    interval: tuple[int, int] = EAO_INTERVAL
    name: str = 'vot2020'

    layout: ClassVar[str] = 'vot'

    def __post_init__(self) -> None:
        if len(self.interval) != 2 or not 0 < self.interval[0] < self.interval[1]:
            raise ConfigError(
                f'protocol vot2020, interval: found {self.interval}, expected two ascending run lengths.'
            )

    def start(self, video: VideoSample) -> 'RunScores':
        """See :class:`Protocol`."""
        return RunScores(video)

    def summarise(self, entries: list[dict]) -> Scores:
        """See :class:`Protocol`; ``per_object`` is indexed by sequences, frames by runs."""
        runs: dict[str, list[VOTRun]] = {}
        lengths = {entry['sequence']: entry['length'] for entry in entries}
        for entry in entries:
            run = VOTRun(np.array(entry['overlaps']), np.array(entry['gt_empty']))
            runs.setdefault(entry['sequence'], []).append(run)
        scores = vot2020_scores([*runs.values()], [lengths[name] for name in runs], (*self.interval,))
        per_object = {}
        for name, of_sequence in runs.items():
            part = vot_sequence_scores(of_sequence)
            per_object[name] = {1: {'Accuracy': part.accuracy, 'Robustness': part.robustness}}
        frames = {e['video']: {1: {'frames': e['frames'], 'Overlap': e['overlaps']}} for e in entries}
        overall = {'EAO': scores.eao, 'Accuracy': scores.accuracy, 'Robustness': scores.robustness}
        curves = {'curves': {'eao': scores.eao_curve.tolist()}}
        return Scores(self.name, self.compat, overall, per_object, frames, curves)


class RunScores(RunningScores):
    """Overlaps of one run."""

    def __init__(self, video: VideoSample) -> None:
        video.require_annotation()
        missing = {'sequence', 'anchor', 'length'} - set(video.metainfo)
        if missing:
            raise AnnotationError(
                f'video {video.name}: metainfo has no {sorted(missing)}; VOT2020 needs a video per anchor.'
            )
        super().__init__(video, range(len(video.source)))
        self.object_id = video.require_prompts().object_ids[0]
        self.run = {key: video.metainfo[key] for key in ('sequence', 'anchor', 'length')}
        self.frames: list[str] = []
        self.overlaps: list[float] = []
        self.gt_empty: list[bool] = []

    def _score(self, video: VideoSample, result: FrameResult, where: str) -> None:
        gt = mask_region(ground_truth(video, result, where) == self.object_id)
        self.frames.append(result.name)
        pred = mask_region(result.mask == self.object_id) if result.index else INITIALISATION
        self.overlaps.append(region_overlap(pred, gt, result.mask.shape[::-1]))
        self.gt_empty.append(is_empty(gt))

    def _entry(self) -> dict:
        return dict(self.run, frames=self.frames, overlaps=self.overlaps, gt_empty=self.gt_empty)
