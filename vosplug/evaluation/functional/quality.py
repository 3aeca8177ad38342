"""Mask quality of a whole dataset: IoU quantiles over frames, and the quality of pseudo-labels."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ...errors import AnnotationError, ConfigError

IOU_QUANTILES = (0.05, 0.1, 0.2, 0.3, 0.7, 0.8, 0.9, 0.95)


class QuantileCurves(NamedTuple):
    """Mean and quantiles of IoU over the settings of an experiment, in [0, 1]."""

    settings: np.ndarray  # (K,), ascending
    mean: np.ndarray  # (K,)
    quantiles: np.ndarray  # (K, Q)


class PseudoLabelQuality(NamedTuple):
    """One row of Table 2 of Voigtlaender et al. 2021."""

    mean: float  # J over the masks scored, in [0, 1]
    recall: dict[float, float]  # threshold -> fraction of masks that reach it, in [0, 1]
    masks: int  # masks scored
    used_masks: int  # manual masks used to make the labels


def iou_quantile_curves(
    ious: Mapping[float, Sequence[Sequence[float]]], quantiles: Sequence[float] = IOU_QUANTILES
) -> QuantileCurves:
    """IoU quantiles over all frames (Perazzi et al., CVPR 2017, Fig. 4).

    The mean is DAVIS's, over sequences; quantiles are over the frames of all sequences together, with
    linear interpolation between two frames.

    Args:
        ious: setting (such as the percentage of annotated frames) -> one series of frames per sequence,
            values in [0, 1].
        quantiles: fractions in [0, 1].

    Raises:
        AnnotationError: no setting, an empty sequence, or a value outside [0, 1].
        ConfigError: a quantile outside [0, 1].
    """
    if not all(0 <= q <= 1 for q in quantiles):
        raise ConfigError(f'quantiles: expected fractions in [0, 1], found {tuple(quantiles)}.')
    if not ious:
        raise AnnotationError('iou_quantile_curves: expected at least one setting, found none.')
    settings = sorted(ious)
    means, rows = [], []
    for setting in settings:
        series = [_checked_ious(s, f'setting {setting:g}, sequence {i}') for i, s in enumerate(ious[setting])]
        if not series or not all(map(len, series)):
            raise AnnotationError(
                f'setting {setting:g}: expected sequences with frames, found lengths {[*map(len, series)]}.'
            )
        means.append(np.mean([s.mean() for s in series]))
        rows.append(np.quantile(np.concatenate(series), quantiles))
    return QuantileCurves(np.array(settings), np.array(means), np.array(rows))


def pseudo_label_quality(
    ious: Sequence[Sequence[float]],
    present: Sequence[Sequence[bool] | np.ndarray],
    manual: Sequence[Sequence[bool] | np.ndarray] | None = None,
    thresholds: Sequence[float] = (0.5, 0.7),
) -> PseudoLabelQuality:
    """Quality of pseudo-labels against ground truth (Voigtlaender et al., WACV 2021, Sec. 5.1 and Table 2).

    Only frames in which the object is present are scored, since the labels were made from its boxes, which
    makes absent objects trivial. All masks have equal weight. A mask reaches a threshold with *at least* that
    IoU, unlike DAVIS's recall. Manual masks are scored like the others.

    Args:
        ious: per object (T,), in [0, 1]; arbitrary or NaN where it is absent.
        present: per object bool (T,), whether the ground truth shows it.
        manual: per object bool (T,), frames with a manual mask.
        thresholds: of recall, in [0, 1].

    Raises:
        AnnotationError: series that do not fit, a value outside [0, 1] where the object is present, an
            annotated mask where it is absent, or no mask to score.
        ConfigError: a threshold outside [0, 1].
    """
    if not all(0 <= t <= 1 for t in thresholds):
        raise ConfigError(f'thresholds: expected fractions in [0, 1], found {tuple(thresholds)}.')
    manual = [np.zeros(len(p), bool) for p in present] if manual is None else manual
    if not len(ious) == len(present) == len(manual):
        raise AnnotationError(
            f'pseudo_label_quality: expected the same objects everywhere, found {len(ious)} of ious, '
            f'{len(present)} of present and {len(manual)} of manual.'
        )
    scored, used_masks = [np.empty(0)], 0
    for i, (iou, shown, annotated) in enumerate(zip(ious, present, manual, strict=True)):
        iou, shown, annotated = np.asarray(iou), np.asarray(shown, bool), np.asarray(annotated, bool)
        if not iou.shape == shown.shape == annotated.shape or iou.ndim != 1:
            raise AnnotationError(
                f'object {i}: expected series of one length, found shapes {iou.shape} (ious), '
                f'{shown.shape} (present) and {annotated.shape} (manual).'
            )
        if (annotated & ~shown).any():
            frame = np.flatnonzero(annotated & ~shown)[0]
            raise AnnotationError(f'object {i}, frame {frame}: found an annotated mask of an absent object.')
        scored.append(_checked_ious(iou[shown], f'object {i}, where present'))
        used_masks += int(annotated.sum())
    scored = np.concatenate(scored)
    if not len(scored):
        raise AnnotationError('pseudo_label_quality: expected an object that is present, found none.')
    recall = {float(t): float(np.mean(scored >= t)) for t in thresholds}
    return PseudoLabelQuality(float(scored.mean()), recall, len(scored), used_masks)


def _checked_ious(values: Sequence[float], where: str) -> np.ndarray:
    values = np.asarray(values, np.float64)
    wrong = values[~((values >= 0) & (values <= 1))]
    if len(wrong):
        raise AnnotationError(f'{where}: expected IoU in [0, 1], found {wrong[0]}.')
    return values
