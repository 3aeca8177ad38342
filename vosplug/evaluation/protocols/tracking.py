"""Single-object tracking with boxes: GOT-10k, LaSOT and TrackingNet."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...errors import AnnotationError, ConfigError
from ...structures import FrameResult, VideoSample
from ..functional import TrackingScores, box_iou, boxes_from_masks, got10k_scores, tracking_scores
from ..functional.tracking import TRACKING_COMPAT, Got10kScores
from ..scores import Scores
from .base import PROTOCOLS, Protocol, RunningScores

NO_BOX = (float('nan'),) * 4
NO_AREA = (0.0,) * 4
_LABELS = {'visible': bool, 'cover': int}


@dataclass(frozen=True)
class BoxProtocol(Protocol):
    """Boxes of one object per video; predicted boxes are the tight bounding boxes of masks.

    An empty mask is a box without width and height, which overlaps nothing; frames whose true box is missing
    are not scored. The object is that of the video's first prompt. ``visible`` (bool per frame) and
    ``cover`` (GOT-10k's 0..8 per frame, 0 where the box is missing) are read from ``video.metainfo`` if
    present.
    """

    name: str

    layout: ClassVar[str] = 'boxes'

    def start(self, video: VideoSample) -> 'BoxScores':
        """See :class:`Protocol`."""
        return BoxScores(video)

    @abstractmethod
    def numbers(self, entries: list[dict]) -> dict[str, float]:
        """The benchmark's numbers over some videos."""

    def summarise(self, entries: list[dict]) -> Scores:
        """See :class:`Protocol`."""
        per_object = {entry['video']: {entry['object_id']: self._of_video(entry)} for entry in entries}
        per_frame = {
            entry['video']: {entry['object_id']: {'frames': entry['frames'], 'IoU': self.ious(entry)}}
            for entry in entries
        }
        overall, details = self.numbers(entries), self.details(entries)
        return Scores(self.name, self.compat, overall, per_object, per_frame, details)

    @abstractmethod
    def details(self, entries: list[dict]) -> dict[str, dict]:
        """The curves behind the numbers."""

    def ious(self, entry: dict) -> list[float]:
        """Overlap in each frame of a video."""
        return box_iou(np.array(entry['pred'], float), np.array(entry['gt'], float)).tolist()

    def _of_video(self, entry: dict) -> dict[str, float]:
        try:
            return self.numbers([entry])
        except AnnotationError as error:
            raise AnnotationError(f'video {entry["video"]}: {error}') from None


class BoxScores(RunningScores):
    """Predicted and ground-truth boxes of one video, xywh; NaN where there is no ground truth."""

    def __init__(self, video: VideoSample) -> None:
        video.require_annotation()
        prompts = video.require_prompts()
        first = prompts.first_frame
        # the first row is the given box, whether or not the dataset counts its frame
        frames = {first, *(t for t in video.eval_frames if t > first)}
        if len(frames) < 2:
            raise AnnotationError(f'video {video.name}: nothing to score after the frame with the prompt.')
        super().__init__(video, frames)
        self.object_id = prompts.object_ids[0]
        self.columns: dict[str, list] = {key: [] for key in ('frames', 'pred', 'gt', 'visible', 'cover')}
        self.size = tuple(video.source.size[::-1])

    def _score(self, video: VideoSample, result: FrameResult, where: str) -> None:
        height, width = result.mask.shape
        if (width, height) != self.size:
            raise AnnotationError(
                f'{where}: prediction is {width}x{height}, the frame is {self.size[0]}x{self.size[1]}. '
                'Predict at the resolution of the frames.'
            )
        box = video.require_annotation().boxes(result.index).get(self.object_id)
        pred = boxes_from_masks((result.mask == self.object_id)[None])[0].tolist()
        labels = {key: video.metainfo[key][result.index] for key in _LABELS if key in video.metainfo}
        seen = box is not None
        row = dict(frames=result.name, pred=pred, visible=seen, cover=int(seen))
        row |= {key: _LABELS[key](value) for key, value in labels.items()}
        if box is not None:
            row['gt'] = (*box[:2].tolist(), *(box[2:] - box[:2]).tolist())
        else:
            row['gt'] = NO_AREA if row['cover'] else NO_BOX
        for key, value in row.items():
            self.columns[key].append(value)

    def _entry(self) -> dict:
        return dict(self.columns, object_id=self.object_id, size=self.size)


@PROTOCOLS.register_module(name='got10k')
@dataclass(frozen=True)
class GOT10kProtocol(BoxProtocol):
    """GOT-10k (Huang et al., TPAMI 2019): average overlap and success rates over all frames together."""

    name: str = 'got10k'

    def numbers(self, entries: list[dict]) -> dict[str, float]:
        """See :class:`BoxProtocol`."""
        scores = _got10k(entries)
        return {'AO': scores.ao, 'SR0.5': scores.sr(0.5), 'SR0.75': scores.sr(0.75)}

    def details(self, entries: list[dict]) -> dict[str, dict]:
        """See :class:`BoxProtocol`."""
        return {'curves': {'success': _got10k(entries).success_curve.tolist()}}

    def ious(self, entry: dict) -> list[float]:
        """Overlaps of the boxes, clipped to the image as in AO."""
        return box_iou(np.array(entry['pred'], float), np.array(entry['gt'], float), entry['size']).tolist()


@dataclass(frozen=True)
class OnePassProtocol(BoxProtocol):
    """Success, precision and normalised precision of LaSOT and TrackingNet, averaged over videos.

    ``Norm-Precision`` is the share of frames within 0.2 of the box size and ``Norm-Precision-AUC`` the
    area up to 0.5; publications call both normalised precision.

    Attributes:
        name: as written to reports.
        compat: see :func:`tracking_scores`.
    """

    compat: str | None = None

    def __post_init__(self) -> None:
        if self.compat not in (None, *TRACKING_COMPAT):
            raise ConfigError(
                f'protocol {self.name}, compat: found {self.compat!r}, expected None or one of '
                f'{TRACKING_COMPAT}.'
            )

    def numbers(self, entries: list[dict]) -> dict[str, float]:
        """See :class:`BoxProtocol`."""
        scores = self._scores(entries)
        return {
            'AUC': scores.auc,
            'Precision': scores.precision,
            'Norm-Precision': scores.normalised_precision,
            'Norm-Precision-AUC': scores.normalised_precision_auc,
            'OP50': scores.op50,
            'OP75': scores.op75,
        }

    def details(self, entries: list[dict]) -> dict[str, dict]:
        """See :class:`BoxProtocol`."""
        success, precision, normalised = (curve.tolist() for curve in self._scores(entries))
        return {'curves': {'success': success, 'precision': precision, 'norm_precision': normalised}}

    def _scores(self, entries: list[dict]) -> TrackingScores:
        pred, gt, visible = ([np.array(entry[key]) for entry in entries] for key in ('pred', 'gt', 'visible'))
        return tracking_scores(pred, gt, visible, self.compat)


def _got10k(entries: list[dict]) -> Got10kScores:
    pred, gt, cover = ([np.array(entry[key]) for entry in entries] for key in ('pred', 'gt', 'cover'))
    # as in its toolkit, frames whose true box has no area are scored: nothing overlaps it
    cover = [own * np.isfinite(box).all(1) for own, box in zip(cover, gt, strict=True)]
    return got10k_scores(pred, gt, [entry['size'] for entry in entries], cover)


@PROTOCOLS.register_module(name='lasot')
def lasot(compat: str | None = None) -> OnePassProtocol:
    """LaSOT (Fan et al., CVPR 2019); frames with a hidden or out-of-view object are ignored."""
    return OnePassProtocol('lasot', compat)


@PROTOCOLS.register_module(name='trackingnet')
def trackingnet(compat: str | None = None) -> OnePassProtocol:
    """TrackingNet (Mueller et al., ECCV 2018)."""
    return OnePassProtocol('trackingnet', compat)
