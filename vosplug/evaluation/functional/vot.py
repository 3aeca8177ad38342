"""VOT2020 short-term: accuracy, robustness and expected average overlap with anchors.

A sequence is tracked once from each of its anchor frames, forwards to its end or backwards to its start
(Kristan et al., VOT2020 results, Sec. 2). Instead of restarting a tracker after a failure, the run is
scored up to the failure.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...errors import AnnotationError, ConfigError
from ...structures.vot_raster import is_empty, mask_region, region_overlap

FAILURE_OVERLAP = 0.1  # overlap of at most this
FAILURE_FRAMES = 10  # for this many consecutive frames is a failure
EAO_INTERVAL = 115, 755  # run lengths of VOT2020; the toolkit's curve ends before the last


class VOTRun(NamedTuple):
    """One run from an anchor; index 0 is the anchor frame, later ones follow in tracking order."""

    overlaps: np.ndarray  # (T,) in [0, 1]
    gt_empty: np.ndarray  # bool (T,), True where the object is absent


class VOTSequenceScores(NamedTuple):
    """Accuracy and robustness of the runs of one sequence, in [0, 1]."""

    accuracy: float
    robustness: float
    tracked: int  # frames before the failure, of all runs


class VOTScores(NamedTuple):
    """Scores of a set of sequences, in [0, 1]."""

    accuracy: float  # sequences weighted by their tracked frames
    robustness: float  # sequences weighted by their length
    eao: float
    eao_curve: np.ndarray  # (high,), expected overlap of a run of that many frames after the anchor


def vot_run(pred: np.ndarray, gt: np.ndarray) -> VOTRun:
    """Overlaps of a run's masks with the ground truth, by the toolkit's rules for thin and empty regions.

    See :func:`region_overlap` and :func:`is_empty`.

    Args:
        pred: bool or integer (T, H, W) in tracking order; anything but 0 is the object.
        gt: the same shape and order.

    Raises:
        AnnotationError: different shapes, or float masks.
    """
    pred, gt = np.asarray(pred), np.asarray(gt)
    if pred.shape != gt.shape or gt.ndim != 3 or 'f' in (pred.dtype.kind, gt.dtype.kind):
        raise AnnotationError(
            'VOT run: expected bool or integer masks (T, H, W) of one shape, found prediction '
            f'{pred.dtype} {pred.shape} and ground truth {gt.dtype} {gt.shape}.'
        )
    bounds = gt.shape[2], gt.shape[1]
    truth = [mask_region(mask) for mask in gt]
    overlaps = [region_overlap(mask_region(p), g, bounds) for p, g in zip(pred, truth, strict=True)]
    return VOTRun(np.array(overlaps), np.array([is_empty(g) for g in truth], bool))


def tracked_frames(run: VOTRun) -> int:
    """Number of frames before the failure; all of them for a run without one.

    A failure is the first of ``FAILURE_FRAMES`` consecutive frames that overlap at most
    ``FAILURE_OVERLAP``. Frames without the object interrupt such a series.
    """
    missed = 0
    for t, miss in enumerate((run.overlaps <= FAILURE_OVERLAP) & ~run.gt_empty):
        missed = missed + 1 if miss else 0
        if missed == FAILURE_FRAMES:
            return t + 1 - FAILURE_FRAMES
    return len(run.overlaps)


def vot_sequence_scores(runs: Sequence[VOTRun]) -> VOTSequenceScores:
    """Accuracy and robustness of one sequence.

    Accuracy is the mean overlap of the frames before the failures, anchor frames included, and 0 if
    there are none; robustness is their fraction of all frames.

    Args:
        runs: one per anchor.

    Raises:
        AnnotationError: no runs, or one whose overlaps do not fit.
    """
    _check(runs)
    tracked = [tracked_frames(run) for run in runs]
    total = sum(tracked)
    overlap = sum(run.overlaps[:n].sum() for run, n in zip(runs, tracked, strict=True))
    return VOTSequenceScores(
        float(overlap / total) if total else 0.0, total / sum(len(run.overlaps) for run in runs), total
    )


def eao_curve(runs: Sequence[VOTRun], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Expected average overlap of one sequence's runs, for each number of frames after the anchor.

    Overlaps after a failure are 0. A failed run is extended by zeros to any length; other runs count only
    up to their own length. As in the toolkit, the sum of a failed run shorter than n frames is
    divided by n - 1, not n.

    Args:
        runs: runs of a sequence.
        length: number of values to compute.

    Returns:
        tuple: the curve, (length,) in [0, 1], 0 where no run counts and at index 0; and how many runs
        count at each index, int (length,).

    Raises:
        AnnotationError: no runs, or one whose overlaps do not fit.
    """
    _check(runs)
    tracked = [tracked_frames(run) for run in runs]
    padded = [
        np.where(np.arange(len(run.overlaps)) < n, run.overlaps, 0)
        for run, n in zip(runs, tracked, strict=True)
    ]
    return eao_of_overlaps(padded, [n < len(o) for n, o in zip(tracked, padded, strict=True)], length)


def eao_of_overlaps(
    overlaps: Sequence[np.ndarray], failed: Sequence[bool], length: int
) -> tuple[np.ndarray, np.ndarray]:
    """:func:`eao_curve` of overlaps that are already 0 after a failure.

    Args:
        overlaps: per run (T,) in [0, 1], the anchor frame first.
        failed: per run, whether it is extended by zeros after its last frame.
        length: number of values to compute.
    """
    n = np.arange(1, length)
    total, count = np.zeros(length), np.zeros(length, int)
    for overlap, fail in zip(overlaps, failed, strict=True):
        inside = n < len(overlap)
        sums = np.cumsum(overlap[1:])
        within = n[inside]
        total[within] += sums[within - 1] / within
        count[within] += 1
        if fail:
            beyond = n[~inside]
            total[beyond] += (sums[-1] if len(sums) else 0.0) / np.maximum(beyond - 1, 1)
            count[beyond] += 1
    return np.divide(total, count, out=np.zeros(length), where=count > 0), count


def vot2020_scores(
    sequences: Sequence[Sequence[VOTRun]],
    lengths: Sequence[int],
    interval: tuple[int, int] = EAO_INTERVAL,
) -> VOTScores:
    """Accuracy, robustness and EAO of VOT2020-ST over a set of sequences.

    Args:
        sequences: runs of each sequence, one per anchor.
        lengths: number of frames of each sequence.
        interval: EAO is the mean of the curve from the first run length up to, but not including, the second.

    Raises:
        AnnotationError: no sequences, a different number of lengths, a sequence without runs, or
            inconsistent overlaps.
        ConfigError: an empty interval.
    """
    if not len(sequences) or len(sequences) != len(lengths):
        raise AnnotationError(
            f'vot2020_scores: expected one length per sequence, found {len(sequences)} sequences and '
            f'{len(lengths)} lengths.'
        )
    low, high = interval
    if not 0 < low < high:
        raise ConfigError(f'interval: expected 0 < first < second run length, found {interval}.')
    parts = [vot_sequence_scores(runs) for runs in sequences]
    tracked = np.array([p.tracked for p in parts])
    accuracy = sum(p.accuracy * p.tracked for p in parts) / max(tracked.sum(), 1)
    curves, counts = zip(*(eao_curve(runs, high) for runs in sequences), strict=True)
    count = np.sum(counts, 0)
    curve = np.divide(np.sum(np.multiply(curves, counts), 0), count, out=np.zeros(high), where=count > 0)
    robustness = np.average([p.robustness for p in parts], weights=lengths)
    return VOTScores(float(accuracy), float(robustness), float(curve[low:].mean()), curve)


def _check(runs: Sequence[VOTRun]) -> None:
    if not len(runs):
        raise AnnotationError('VOT sequence: expected a run for each anchor, found none.')
    for i, run in enumerate(runs):
        shapes = np.shape(run.overlaps), np.shape(run.gt_empty)
        if shapes[0] != shapes[1] or len(shapes[0]) != 1 or not shapes[0][0] or np.isnan(run.overlaps).any():
            raise AnnotationError(
                f'VOT run {i}: expected overlaps and gt_empty (T,) without NaN, found shapes {shapes}.'
            )
