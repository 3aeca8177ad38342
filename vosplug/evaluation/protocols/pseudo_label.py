"""Quality of pseudo-labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...errors import AnnotationError, ConfigError
from ...formats.text_file import read_json
from ...structures import VideoSample
from ..functional import PseudoLabelQuality, pseudo_label_quality
from ..scores import PerObject
from .base import PROTOCOLS
from .masks import REGION, MaskProtocol, present_ids

ByObject = Mapping[str, Mapping[str, Sequence[str]]]


@PROTOCOLS.register_module(name='pseudo_label')
@dataclass(frozen=True)
class PseudoLabelProtocol(MaskProtocol):
    """Table 2 of Voigtlaender et al., WACV 2021: J where the object is present, and recall at thresholds.

    All annotated frames are scored, including the first and manually annotated ones. All masks have equal
    weight. Void pixels of the ground truth are ignored; void in a label (255) is not an object.

    Attributes:
        thresholds: of recall, in [0, 1]; a mask reaches one with at least that IoU.
        manual: frames with manual masks, video -> object id -> frame names, or a JSON file of these.

    Raises:
        ConfigError: ``thresholds`` that are no fractions.
    """

    thresholds: Sequence[float] = (0.5, 0.7)
    manual: ByObject | str | Path | None = None
    name: str = 'pseudo_label'
    _manual: ByObject = field(init=False, repr=False, compare=False)

    measures: ClassVar[tuple[str, ...]] = (REGION,)

    def __post_init__(self) -> None:
        found = self.thresholds
        if not isinstance(found, list | tuple) or not all(
            isinstance(t, int | float) and 0 <= t <= 1 for t in found
        ):
            raise ConfigError(
                f'protocol {self.name}, thresholds: found {found!r:.80}, expected a list of fractions in '
                '[0, 1], such as [0.5,0.7].'
            )
        manual = self.manual or {}
        by_object = _string_ids(manual) if isinstance(manual, Mapping) else read_manual(manual)
        object.__setattr__(self, '_manual', by_object)

    def frames(self, video: VideoSample) -> list[int]:
        """See :class:`MaskProtocol`."""
        frames = sorted(set(video.eval_frames))
        if not frames:
            raise AnnotationError(f'video {video.name}: nothing to score, no frame is annotated.')
        return frames

    def entering(self, t: int, pred: np.ndarray, gt: np.ndarray) -> dict[int, int]:
        """See :class:`MaskProtocol`."""
        return dict.fromkeys(present_ids(gt), t)

    def counted(self, ids: list[int], gt: np.ndarray) -> list[int]:
        """Objects present in the ground truth."""
        shown = present_ids(gt)
        return [i for i in ids if i in shown]

    def object_statistics(self, entry: dict, object_id: int) -> dict[str, float]:
        """See :class:`MaskProtocol`."""
        return self._numbers(self._quality([(entry, object_id)]))

    def overall(self, per_object: PerObject, entries: list[dict]) -> dict[str, float]:
        """See :class:`MaskProtocol`; ``Annotated-Masks`` counts manual masks."""
        for entry in entries:
            self._check_manual(entry)
        return self._numbers(self._quality([(entry, i) for entry in entries for i in entry['frames']]))

    def _quality(self, objects: list[tuple[dict, int]]) -> PseudoLabelQuality:
        ious = [entry[REGION][i] for entry, i in objects]
        manual = [self._manual_flags(entry, i) for entry, i in objects]
        return pseudo_label_quality(ious, [np.ones(len(s), bool) for s in ious], manual, self.thresholds)

    def _manual_flags(self, entry: dict, object_id: int) -> list[bool]:
        listed = set(self._manual.get(entry['video'], {}).get(str(object_id), ()))
        return [frame in listed for frame in entry['frames'][object_id]]

    def _check_manual(self, entry: dict) -> None:
        shown = _string_ids({entry['video']: entry['frames']})[entry['video']]
        for object_id, listed in self._manual.get(entry['video'], {}).items():
            unknown = sorted(set(listed) - set(shown.get(object_id, ())))
            if unknown:
                raise AnnotationError(
                    f'video {entry["video"]}, object {object_id}: frames {unknown} have manual masks, but '
                    'the ground truth does not show the object there.'
                )

    @staticmethod
    def _numbers(quality: PseudoLabelQuality) -> dict[str, float]:
        recall = {f'Recall@{100 * t:g}': value for t, value in quality.recall.items()}
        counts = {'Masks': quality.masks, 'Annotated-Masks': quality.used_masks}
        return {'J-Mean': quality.mean, **recall, **counts}


def read_manual(path: str | Path) -> ByObject:
    """Read the frames with manual masks: JSON of video -> object id -> frame names.

    Raises:
        AnnotationError: no such file, or of another layout.
    """
    layout = '{<video>: {<object id>: [<frame name>, ...]}}'
    missing = 'manual masks not found; expected a file.'
    return _string_ids(read_json(path, dict[str, dict[str, list[str | int]]], layout, missing))


def _string_ids(videos: Mapping) -> ByObject:
    return {v: {str(i): [*map(str, frames)] for i, frames in o.items()} for v, o in videos.items()}
