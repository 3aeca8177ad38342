"""Scores of single-object tracking with boxes: OTB, LaSOT, TrackingNet and GOT-10k."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...errors import AnnotationError, ConfigError
from .boxes import (
    NORMALISED_THRESHOLDS,
    as_boxes,
    box_iou,
    centre_error,
    normalised_centre_error,
    precision_curve,
    success_curve,
)

GOT10K_THRESHOLDS = np.linspace(0, 1, 101)

TRACKING_COMPAT = ('pytracking', 'pytracking-exclude-invalid', 'pytracking-uav', 'pytracking-lasot')


class TrackingScores(NamedTuple):
    """One-pass evaluation of one or several sequences; everything is a fraction in [0, 1].

    Benchmarks rank by these scores: OTB ``auc`` and ``precision``; LaSOT and TrackingNet ``auc``,
    ``precision`` and normalised precision. The latter is the area under its curve up to 0.5 in the
    GOT-10k toolkit (``normalised_precision_auc``) and its value at 0.2 in pytracking
    (``normalised_precision``); publications use one name for both.
    """

    success_curve: np.ndarray  # (21,) share of frames with IoU > 0, 0.05, .. 1
    precision_curve: np.ndarray  # (51,) share of frames with centre error <= 0, 1, .. 50 pixels
    normalised_precision_curve: np.ndarray  # (51,) the same with errors over the box size, 0, 0.01, .. 0.5

    @property
    def auc(self) -> float:
        """Area under the success curve (mean over the thresholds)."""
        return float(self.success_curve.mean())

    @property
    def op50(self) -> float:
        """Share of frames with IoU > 0.5."""
        return float(self.success_curve[10])

    @property
    def op75(self) -> float:
        """Share of frames with IoU > 0.75."""
        return float(self.success_curve[15])

    @property
    def precision(self) -> float:
        """Share of frames with the centre within 20 pixels."""
        return float(self.precision_curve[20])

    @property
    def normalised_precision(self) -> float:
        """Share of frames with the centre within 0.2 of the box size."""
        return float(self.normalised_precision_curve[20])

    @property
    def normalised_precision_auc(self) -> float:
        """Area under the normalised precision curve up to 0.5 (mean over the thresholds)."""
        return float(self.normalised_precision_curve.mean())


class Got10kScores(NamedTuple):
    """Average overlap, and the overlaps it averages, in [0, 1]."""

    ao: float
    success_curve: np.ndarray  # (101,) share of frames with IoU > 0, 0.01, .. 1
    ious: np.ndarray  # (frames,) of all sequences

    def sr(self, threshold: float) -> float:
        """SR_t: share of frames with IoU above ``threshold``."""
        return float(np.mean(self.ious > threshold))


def tracking_scores(
    preds: Sequence[np.ndarray],
    gts: Sequence[np.ndarray],
    visible: Sequence[np.ndarray] | None = None,
    compat: str | None = None,
) -> TrackingScores:
    """Success, precision and normalised precision of OTB, LaSOT and TrackingNet, averaged over sequences.

    The first prediction is replaced by the ground truth that initialized the tracker. Frames without a
    ground-truth box (NaN, or a width or height of 0) or with an invisible object are ignored. A predicted
    box of zero width or height, meaning that the object has vanished, overlaps nothing; its centre counts.

    Args:
        preds: per sequence (T, 4) xywh.
        gts: the same shapes.
        visible: per sequence bool (T,).
        compat: pytracking's conventions for frames that are otherwise ignored. ``'pytracking'`` keeps them:
            missed in success and precision, but correct in normalised precision; ``'pytracking-uav'``
            counts them as correct in precision too; ``'pytracking-lasot'`` counts invisible ones as missed
            in all three; ``'pytracking-exclude-invalid'`` divides the sums of ``'pytracking'`` by the number
            of all other frames, so that normalised precision can exceed 1. In all of them, a predicted box of
            zero width or height is replaced by the previous one.

    Raises:
        AnnotationError: sequences that do not fit, or one without any frame to score.
        ConfigError: an unknown ``compat``.
    """
    if compat is not None and compat not in TRACKING_COMPAT:
        raise ConfigError(f'compat: found {compat!r}, expected None or one of {TRACKING_COMPAT}.')
    visible = [None] * len(gts) if visible is None else visible
    if not len(preds) == len(gts) == len(visible) or not len(gts):
        raise AnnotationError(
            f'tracking_scores: expected the same number of sequences, at least one, found {len(preds)} '
            f'predictions, {len(gts)} ground truths and {len(visible)} visibilities.'
        )
    curves = [
        _sequence_curves(i, *sequence, compat)
        for i, sequence in enumerate(zip(preds, gts, visible, strict=True))
    ]
    return TrackingScores(*(np.mean(curve, 0) for curve in zip(*curves, strict=True)))


def got10k_scores(
    preds: Sequence[np.ndarray],
    gts: Sequence[np.ndarray],
    image_sizes: Sequence[tuple[int, int]],
    covers: Sequence[np.ndarray] | None = None,
) -> Got10kScores:
    """AO and SR_t of GOT-10k (Huang et al., TPAMI 2019), as its toolkit reports them.

    All frames of all sequences have equal weight. The first frame of each sequence, and frames in which
    nothing is visible, are ignored.

    Args:
        preds: per sequence (T, 4) xywh.
        gts: the same shapes.
        image_sizes: per sequence (W, H).
        covers: per sequence (T,) visible part, 0..8, of GOT-10k's ``cover.label``.

    Raises:
        AnnotationError: sequences that do not fit, or no frame to score.
    """
    covers = [np.ones(len(gt)) for gt in gts] if covers is None else covers
    if not len(preds) == len(gts) == len(image_sizes) == len(covers) or not len(gts):
        raise AnnotationError(
            f'got10k_scores: expected the same number of sequences, at least one, found {len(preds)} '
            f'predictions, {len(gts)} ground truths, {len(image_sizes)} image sizes and {len(covers)} covers.'
        )
    ious = []
    for i, (pred, gt, size, cover) in enumerate(zip(preds, gts, image_sizes, covers, strict=True)):
        if len(cover) != len(gt):
            raise AnnotationError(f'sequence {i}: expected {len(gt)} cover labels, found {len(cover)}.')
        pred, gt = as_boxes(pred, gt, f'sequence {i}')
        kept = np.arange(1, len(gt))[np.asarray(cover)[1:] > 0]
        ious.append(box_iou(pred[kept], gt[kept], size))
        if np.isnan(ious[-1]).any():
            frame = kept[np.isnan(ious[-1])][0]
            raise AnnotationError(
                f'sequence {i}, frame {frame}: expected numbers, found {pred[frame]} and {gt[frame]}.'
            )
    ious = np.concatenate(ious)
    if not len(ious):
        raise AnnotationError('got10k_scores: no frame after the first has a visible object.')
    return Got10kScores(float(ious.mean()), success_curve(ious, GOT10K_THRESHOLDS), ious)


def _sequence_curves(
    index: int, pred: np.ndarray, gt: np.ndarray, visible: np.ndarray | None, compat: str | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pred, gt = as_boxes(pred, gt, f'sequence {index}')
    seen = np.ones(len(gt), bool) if visible is None else np.asarray(visible, bool)
    if len(seen) != len(gt):
        raise AnnotationError(f'sequence {index}: expected {len(gt)} visibilities, found {len(seen)}.')
    valid = (gt[:, 2:] > 0).all(1) & seen
    if not valid.any():
        raise AnnotationError(f'sequence {index}: none of its {len(gt)} frames has a visible true box.')
    if compat is not None:
        # UAV123's missing boxes are the only ones that pytracking reads as NaN
        unknown = np.isnan(gt).any(1) & (compat == 'pytracking-uav')
        pred = _carried(pred, (pred[:, 2:] == 0).any(1) & ~unknown)
    pred = np.concatenate([gt[:1], pred[1:]])
    if compat is None:
        pred, gt, valid = pred[valid], gt[valid], valid[valid]
    iou, error = box_iou(pred, gt), centre_error(pred, gt)
    normalised = normalised_centre_error(pred, gt, 0 if compat else 1)
    iou[~valid] = normalised[~valid] = -1
    error[~valid] = -1 if compat == 'pytracking-uav' else np.inf
    if compat == 'pytracking-lasot':
        normalised[~seen] = np.inf
    scale = 1 / valid.mean() if compat == 'pytracking-exclude-invalid' else 1
    return (
        success_curve(iou) * scale,
        precision_curve(error) * scale,
        precision_curve(normalised, NORMALISED_THRESHOLDS) * scale,
    )


def _carried(boxes: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Boxes (T, 4), each missing one, bool (T,), replaced by the last one before it; the first stays."""
    kept = np.where(missing, 0, np.arange(len(boxes)))
    return boxes[np.maximum.accumulate(kept)]
