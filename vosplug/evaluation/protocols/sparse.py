"""Benchmarks with sparse annotations: YouTube-VOS, TAO-VOS and Long-time Video."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...errors import AnnotationError, ConfigError
from ...formats.youtube_vos_meta import read_meta
from ...structures import VideoSample
from ..scores import PerObject, mean_scores
from .base import PROTOCOLS
from .masks import MaskProtocol, MaskScores, after_prompts, all_objects, present_ids

# categories of the training set (both releases)
YTVOS_SEEN = (
    'airplane', 'ape', 'bear', 'bike', 'bird', 'boat', 'bucket', 'bus', 'camel', 'cat', 'cow', 'crocodile',
    'deer', 'dog', 'dolphin', 'duck', 'eagle', 'earless_seal', 'elephant', 'fish', 'fox', 'frisbee', 'frog',
    'giant_panda', 'giraffe', 'hand', 'hat', 'hedgehog', 'horse', 'knife', 'leopard', 'lion', 'lizard',
    'monkey', 'motorbike', 'mouse', 'others', 'owl', 'paddle', 'parachute', 'parrot', 'penguin', 'person',
    'plant', 'rabbit', 'raccoon', 'sedan', 'shark', 'sheep', 'sign', 'skateboard', 'snail', 'snake',
    'snowboard', 'squirrel', 'surfboard', 'tennis_racket', 'tiger', 'toilet', 'train', 'truck', 'turtle',
    'umbrella', 'whale', 'zebra',
)  # fmt: skip


@dataclass(frozen=True)
class SparseProtocol(MaskProtocol):
    """Objects enter with their first ground-truth mask and are scored in the annotated frames after it.

    If the first prompt comes later, the object starts there. Frames without ground truth are not scored, so
    it makes no difference whether a method saw only the annotated frames or all of them. An object that
    appears in the last annotated frame cannot be scored; the report lists it under ``not_scored``.

    Attributes:
        name: as written to reports.
    """

    name: str

    def start(self, video: VideoSample) -> MaskScores:
        """See :class:`Protocol`."""
        return _ShownAndGiven(video, self)

    def frames(self, video: VideoSample) -> list[int]:
        """Every annotated frame."""
        frames = sorted(set(video.eval_frames))
        if len(frames) < 2:
            raise AnnotationError(
                f'video {video.name}: nothing to score, expected two annotated frames or more, found '
                f'{len(frames)}. The frame in which an object is given does not count.'
            )
        return frames

    def entering(self, t: int, pred: np.ndarray, gt: np.ndarray) -> dict[int, int]:
        """See :class:`MaskProtocol`."""
        return dict.fromkeys(present_ids(gt), t + 1)


class _ShownAndGiven(MaskScores):
    """Objects are scored once they have appeared and, if the video has prompts, have been prompted."""

    def __init__(self, video: VideoSample, protocol: MaskProtocol) -> None:
        self._given = after_prompts(video.prompts) if video.prompts else {}
        super().__init__(video, protocol)

    def _enter(self, objects: dict[int, int]) -> None:
        super()._enter({i: max(start, self._given.get(i, 0)) for i, start in objects.items()})


@dataclass(frozen=True)
class YouTubeVOSProtocol(SparseProtocol):
    """YouTube-VOS (Xu et al., 2018): J and F over objects of seen and of unseen categories.

    ``G`` is the mean of the four; with recall and decay of both groups this is Table 2 of Xu et al.,
    ECCV 2018. A group without objects scores NaN, and so does ``G``.

    Attributes:
        name: as written to reports.
        meta: the split's ``meta.json``, for videos without categories.
        unseen_categories: every other category is seen; None: the release's rule, by which the categories
            of the training set are seen.
    """

    meta: str | Path | None = None
    unseen_categories: Sequence[str] | None = None
    _categories: dict[str, dict[int, str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.unseen_categories, list | tuple | set | frozenset | None):
            raise ConfigError(
                f'protocol {self.name}, unseen_categories: found {self.unseen_categories!r:.80}, expected a '
                'list of names.'
            )
        object.__setattr__(self, '_categories', read_meta(self.meta) if self.meta else {})

    def seen(self, category: str) -> bool:
        """Whether objects of a category count as seen in training."""
        if self.unseen_categories is None:
            return category in YTVOS_SEEN
        return category not in self.unseen_categories

    def overall(self, per_object: PerObject, entries: list[dict]) -> dict[str, float]:
        """See :class:`MaskProtocol`."""
        groups: dict[str, list[dict[str, float]]] = {'Seen': [], 'Unseen': []}
        for entry in entries:
            for i, scores in per_object[entry['video']].items():
                seen = self.seen(self._category(entry, i))
                groups['Seen' if seen else 'Unseen'].append(scores)
        nothing = dict.fromkeys(all_objects(per_object)[0], float('nan'))
        means = {name: mean_scores(objects or [nothing]) for name, objects in groups.items()}
        split = {
            f'{measure}-{group}': means[group][f'{measure}-Mean'] for measure in 'JF' for group in groups
        }
        rest = {
            f'{measure}-{statistic}-{group}': means[group][f'{measure}-{statistic}']
            for measure in 'JF'
            for statistic in ('Recall', 'Decay')
            for group in groups
        }
        return {
            'G': float(np.mean([*split.values()])),
            **split,
            **rest,
            **super().overall(per_object, entries),
        }

    def _category(self, entry: dict, object_id: int) -> str:
        name = entry['video']
        known = entry['categories'] or self._categories.get(name, {})
        if object_id not in known:
            raise AnnotationError(
                f'video {name}: no category for object {object_id}, found categories for {sorted(known)}; '
                f'{self.name} needs them to tell seen from unseen. Set the option meta to a meta.json '
                'with a category for every object.'
            )
        return known[object_id]


@dataclass(frozen=True)
class LongVideoProtocol(SparseProtocol):
    """Long-time Video (Liang et al., NeurIPS 2020): DAVIS's rules over the annotated frames.

    Twenty frames of each video are annotated, unevenly spaced over thousands; the first and the last of
    them are not scored, as in published evaluations with DAVIS's code. The videos of triple length are scored
    in the same way, against their own annotations.
    """

    def frames(self, video: VideoSample) -> list[int]:
        """All annotated frames; the first one prompts the objects."""
        frames = super().frames(video)
        if len(frames) < 3:
            raise AnnotationError(
                f'video {video.name}: nothing to score, its {len(frames)} annotated frames are the first and '
                f'the last, which {self.name} leaves out.'
            )
        return frames[:-1]


@PROTOCOLS.register_module(name='ytvos2018')
def ytvos2018(
    meta: str | Path | None = None, unseen_categories: Sequence[str] | None = None
) -> YouTubeVOSProtocol:
    """YouTube-VOS, 2018 release; see :class:`YouTubeVOSProtocol`."""
    return YouTubeVOSProtocol('ytvos2018', meta, unseen_categories)


@PROTOCOLS.register_module(name='ytvos2019')
def ytvos2019(
    meta: str | Path | None = None, unseen_categories: Sequence[str] | None = None
) -> YouTubeVOSProtocol:
    """YouTube-VOS, 2019 release: more videos, the same rules."""
    return YouTubeVOSProtocol('ytvos2019', meta, unseen_categories)


@PROTOCOLS.register_module(name='tao_vos')
def tao_vos() -> SparseProtocol:
    """TAO-VOS (Voigtlaender et al., WACV 2021): annotated at 1 fps in video of about 30 fps."""
    return SparseProtocol('tao_vos')


@PROTOCOLS.register_module(name='long_video')
def long_video() -> LongVideoProtocol:
    """Long-time Video; see :class:`LongVideoProtocol`."""
    return LongVideoProtocol('long_video')
