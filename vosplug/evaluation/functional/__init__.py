"""Measures on plain arrays: NumPy and OpenCV only, no torch, no mmengine."""

from .boundary import boundary_f, boundary_f_objects, boundary_map
from .boxes import (
    TRACKING_COMPAT,
    Got10kScores,
    TrackingScores,
    box_iou,
    boxes_from_masks,
    centre_error,
    got10k_scores,
    normalised_centre_error,
    precision_curve,
    success_curve,
    tracking_scores,
)
from .quality import (
    IOU_QUANTILES,
    PseudoLabelQuality,
    QuantileCurves,
    iou_quantile_curves,
    pseudo_label_quality,
)
from .region import jaccard, jaccard_objects
from .statistics import DAVIS_COMPAT, DavisStatistics, davis_statistics
from .vot import (
    VOTRun,
    VOTScores,
    VOTSequenceScores,
    anchor_frames,
    eao_curve,
    eao_of_overlaps,
    tracked_frames,
    vot2020_scores,
    vot_run,
    vot_sequence_scores,
)

__all__ = [
    'DAVIS_COMPAT',
    'IOU_QUANTILES',
    'TRACKING_COMPAT',
    'DavisStatistics',
    'Got10kScores',
    'PseudoLabelQuality',
    'QuantileCurves',
    'TrackingScores',
    'VOTRun',
    'VOTScores',
    'VOTSequenceScores',
    'anchor_frames',
    'boundary_f',
    'boundary_f_objects',
    'boundary_map',
    'box_iou',
    'boxes_from_masks',
    'centre_error',
    'davis_statistics',
    'eao_curve',
    'eao_of_overlaps',
    'got10k_scores',
    'iou_quantile_curves',
    'jaccard',
    'jaccard_objects',
    'normalised_centre_error',
    'precision_curve',
    'pseudo_label_quality',
    'success_curve',
    'tracked_frames',
    'tracking_scores',
    'vot2020_scores',
    'vot_run',
    'vot_sequence_scores',
]
