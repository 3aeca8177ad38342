"""DAVIS 2016 and 2017, semi-supervised."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...errors import AnnotationError, ConfigError
from ...formats.attributes import read_attributes
from ...structures import VideoSample
from ...structures.box_ops import VOID
from ..attributes import attribute_scores
from ..functional.statistics import DAVIS_COMPAT
from ..scores import PerObject
from .base import PROTOCOLS
from .masks import MaskProtocol, after_prompts, present_ids


@dataclass(frozen=True)
class DAVISProtocol(MaskProtocol):
    """The DAVIS rules (Perazzi et al., CVPR 2016; Pont-Tuset et al., 2017).

    Prompted objects are scored, each from the frame after its first prompt; the first and the last frame
    of a video are not scored. Void pixels (255) of the ground truth are ignored.

    With ``compat='davis2017-evaluation'`` the official code's conventions hold: objects are 1..highest
    id of the first ground-truth frame (an id missing in between is a perfect object), void is
    background, a predicted id above the highest is an error, and decay is computed in uint8.

    Attributes:
        name: as written to reports.
        single_object: every foreground pixel belongs to one object, id 1.
        compat: None or ``'davis2017-evaluation'``.
        attributes: file or folder for :func:`read_attributes`; adds ``per_attribute`` to the scores.

    Raises:
        ConfigError: an unknown ``compat``.
    """

    name: str
    single_object: bool = False
    compat: str | None = None
    attributes: str | Path | None = None

    needs_prompts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.compat not in (None, DAVIS_COMPAT):
            raise ConfigError(
                f'protocol {self.name}, compat: found {self.compat!r}, expected None or {DAVIS_COMPAT!r}.'
            )

    def frames(self, video: VideoSample) -> list[int]:
        """All but the video's first and last frame."""
        return inner_frames(video, self.name)

    def given(self, video: VideoSample) -> dict[int, int]:
        """See :class:`MaskProtocol`.

        Raises:
            AnnotationError: with ``compat``, if the first frame shows no object.
        """
        if self.single_object:
            return {1: video.require_prompts().first_frame + 1}
        if self.compat:
            return dict.fromkeys(range(1, highest_id(video, self.compat) + 1), 1)
        return after_prompts(video.require_prompts())

    def check(self, pred: np.ndarray, ids: Collection[int], where: str) -> None:
        """See :class:`MaskProtocol`."""
        if self.compat and not self.single_object and pred.max() > max(ids):
            raise AnnotationError(
                f'{where}: predicted id {pred.max()}, but the highest id of the first ground-truth frame is '
                f'{max(ids)}; {self.compat} stops here. Score without compat, or drop the id.'
            )

    def label_maps(
        self, pred: np.ndarray, gt: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """See :class:`MaskProtocol`."""
        void = gt == VOID
        if self.compat:
            gt, void = np.where(void, 0, gt).astype(np.uint8), None
        if self.single_object:
            pred, gt = ((pred > 0) & (pred < VOID)).view(np.uint8), (gt > 0).view(np.uint8)
        return pred, gt, void if void is not None and void.any() else None

    def details(self, per_object: PerObject, entries: list[dict]) -> dict[str, dict]:
        """Mean J of the videos with and without each attribute (Perazzi et al., CVPR 2016, Sec. 3)."""
        details = super().details(per_object, entries)
        if self.attributes is None:
            return details
        by_name = attribute_scores(per_object, read_attributes(self.attributes))
        rows = {name: {'with': inside, 'without': rest} for name, (inside, rest) in by_name.items()}
        return {**details, 'per_attribute': rows}


def inner_frames(video: VideoSample, name: str) -> list[int]:
    """Frames with ground truth between the first and the last frame of a video.

    Raises:
        AnnotationError: there are none.
    """
    last = len(video.source) - 1
    frames = sorted(t for t in set(video.eval_frames) if 0 < t < last)
    if not frames:
        raise AnnotationError(
            f'video {video.name}: nothing to score, its {last + 1} frames have no ground truth between '
            f'the first and the last one, which {name} leaves out.'
        )
    return frames


def highest_id(video: VideoSample, compat: str) -> int:
    """Highest object id of the first frame's ground truth, the number of objects in the official code.

    Raises:
        AnnotationError: the first frame shows no object.
    """
    first = video.require_annotation().mask(0)
    ids = [] if first is None else present_ids(first)
    if not ids:
        raise AnnotationError(
            f'video {video.name}, frame {video.source.frame_names[0]}: no ground-truth object; '
            f'{compat} scores the objects of the first frame. Score without compat.'
        )
    return ids[-1]


@PROTOCOLS.register_module(name='davis2016')
def davis2016(compat: str | None = None, attributes: str | Path | None = None) -> DAVISProtocol:
    """DAVIS 2016: one object per video; ids are merged."""
    return DAVISProtocol('davis2016', single_object=True, compat=compat, attributes=attributes)


@PROTOCOLS.register_module(name='davis2017')
def davis2017(compat: str | None = None, attributes: str | Path | None = None) -> DAVISProtocol:
    """DAVIS 2017 semi-supervised: the prompted objects, averaged over objects."""
    return DAVISProtocol('davis2017', compat=compat, attributes=attributes)
