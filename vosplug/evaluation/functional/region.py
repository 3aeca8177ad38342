"""Region similarity J: intersection over union."""

from collections.abc import Iterable

import cv2
import numpy as np

from .inputs import binary_pair, id_pair

_EXACT_IN_FLOAT32 = 2**24  # OpenCV returns histogram counts as float32


def jaccard(mask: np.ndarray, gt: np.ndarray, void: np.ndarray | None = None) -> float:
    """Intersection over union of two masks, in [0, 1]; 1 when both are empty (Perazzi et al., CVPR 2016).

    Args:
        mask: bool or integer (H, W); anything but 0 is foreground.
        gt: the same shape.
        void: the same shape; ignored pixels.

    Raises:
        AnnotationError: different shapes, or a float mask.

    Example:
        >>> jaccard(np.array([[1, 1]]), np.array([[0, 1]]))
        0.5
    """
    mask, gt = binary_pair(mask, gt, void)
    union = cv2.countNonZero(mask | gt)
    return cv2.countNonZero(mask & gt) / union if union else 1.0


def jaccard_objects(
    pred_ids: np.ndarray,
    gt_ids: np.ndarray,
    object_ids: Iterable[int],
    void: np.ndarray | None = None,
) -> dict[int, float]:
    """:func:`jaccard` of several objects from one joint histogram of two id masks.

    Ids outside ``object_ids`` are background for every object.

    Args:
        pred_ids: uint8 (H, W), 0 background.
        gt_ids: uint8 (H, W).
        object_ids: ids to score, 1..255.
        void: (H, W); ignored pixels.

    Returns:
        dict: object id -> J in [0, 1]; 1 when the object is in neither mask.

    Raises:
        AnnotationError: different shapes, or masks that are not uint8.
    """
    pred_ids, gt_ids = id_pair(pred_ids, gt_ids, void)
    counts = _joint_histogram(pred_ids, gt_ids)
    area_pred, area_gt = counts.sum(1), counts.sum(0)
    scores = {}
    for i in object_ids:
        union = area_pred[i] + area_gt[i] - counts[i, i]
        scores[int(i)] = float(counts[i, i] / union) if union else 1.0
    return scores


def _joint_histogram(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Number of pixels per pair of values, float64 (256, 256), exact."""
    rows, columns = int(a.max()) + 1, int(b.max()) + 1
    bands = -(-a.size // _EXACT_IN_FLOAT32)
    counts: np.ndarray = np.zeros((256, 256))
    for band_a, band_b in zip(np.array_split(a, bands), np.array_split(b, bands), strict=True):
        if rows * columns <= 256:  # a pair fits in a byte, which is several times faster to count
            pairs = band_a * np.uint8(columns % 256) + band_b  # with 256 columns a is 0
            found = cv2.calcHist([pairs], [0], None, [256], [0, 256])[: rows * columns]
            counts[:rows, :columns] += found.reshape(rows, columns)
        else:
            counts += cv2.calcHist([band_a, band_b], [0, 1], None, [256, 256], [0, 256, 0, 256])
    return counts
