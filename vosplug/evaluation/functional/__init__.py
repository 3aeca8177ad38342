"""Measures on plain arrays: NumPy and OpenCV only, no torch, no mmengine."""

from ...formats.vot_sequence import anchor_frames
from ...structures.vot_raster import (
    Mask,
    Polygon,
    Rectangle,
    is_empty,
    mask_region,
    rasterise,
    region_overlap,
)
from .boundary import boundary_f, boundary_f_objects, boundary_map
from .boxes import (
    box_iou,
    boxes_from_masks,
    centre_error,
    normalised_centre_error,
    precision_curve,
    success_curve,
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
from .tracking import TRACKING_COMPAT, Got10kScores, TrackingScores, got10k_scores, tracking_scores
from .vot import (
    VOTRun,
    VOTScores,
    VOTSequenceScores,
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
    'Mask',
    'Polygon',
    'PseudoLabelQuality',
    'QuantileCurves',
    'Rectangle',
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
    'is_empty',
    'jaccard',
    'jaccard_objects',
    'mask_region',
    'normalised_centre_error',
    'precision_curve',
    'pseudo_label_quality',
    'rasterise',
    'region_overlap',
    'success_curve',
    'tracked_frames',
    'tracking_scores',
    'vot2020_scores',
    'vot_run',
    'vot_sequence_scores',
]
