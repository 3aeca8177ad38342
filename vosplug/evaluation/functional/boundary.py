"""Contour accuracy F: boundary precision and recall within a small distance."""

import math
from collections.abc import Iterable

import numpy as np

from ...errors import ConfigError
from .bit_rows import count, pack_boundary, unpack, within_radius
from .inputs import binary_pair, id_pair, objects_box


def boundary_map(mask: np.ndarray) -> np.ndarray:
    """Pixels that differ from their right, lower or lower-right neighbour, as bool (H, W).

    DAVIS's boundary: it lies half a pixel towards the origin, the last row looks only right and the
    last column only down (which is the same as repeating the image's edge), and a mask that covers
    the whole image has none.

    Args:
        mask: bool or integer (H, W); anything but 0 is foreground.
    """
    mask, _ = binary_pair(mask, mask, None)
    return unpack(pack_boundary(mask, 0), mask.shape[1])


def boundary_f(
    mask: np.ndarray, gt: np.ndarray, void: np.ndarray | None = None, bound_th: float = 0.008
) -> float:
    """F measure of two masks' boundaries, in [0, 1] (DAVIS; Perazzi et al., CVPR 2016, Sec. 4).

    A boundary pixel is matched when the other mask has a boundary pixel within the radius (Euclidean
    distance, inclusive). Void pixels are background in both masks before boundaries are taken.
    F is 1 if neither mask has a boundary, and 0 if only one has.

    Args:
        mask: bool or integer (H, W); anything but 0 is foreground.
        gt: the same shape.
        void: the same shape; ignored pixels.
        bound_th: below 1 the radius is ``ceil(bound_th * diagonal)``, otherwise the radius in pixels.

    Raises:
        AnnotationError: different shapes, or a float mask.
        ConfigError: a negative ``bound_th``.
    """
    mask, gt = binary_pair(mask, gt, void)
    return _f_measure(mask, gt, _radius(bound_th, gt.shape))


def boundary_f_objects(
    pred_ids: np.ndarray,
    gt_ids: np.ndarray,
    object_ids: Iterable[int],
    void: np.ndarray | None = None,
    bound_th: float = 0.008,
) -> dict[int, float]:
    """:func:`boundary_f` of several objects of two id masks.

    Args:
        pred_ids: uint8 (H, W), 0 background.
        gt_ids: uint8 (H, W).
        object_ids: ids to score, 1..255.
        void: (H, W); ignored pixels.
        bound_th: see :func:`boundary_f`.

    Returns:
        dict: object id -> F in [0, 1].

    Raises:
        AnnotationError: different shapes, or masks that are not uint8.
        ConfigError: a negative ``bound_th``.
    """
    radius = _radius(bound_th, np.shape(gt_ids))
    pred_ids, gt_ids = id_pair(pred_ids, gt_ids, void)
    return {
        int(i): _f_measure((pred_ids == i).view(np.uint8), (gt_ids == i).view(np.uint8), radius)
        for i in object_ids
    }


def _radius(bound_th: float, size: tuple[int, int]) -> float:
    if bound_th < 0:
        raise ConfigError(f'bound_th: found {bound_th}, expected a fraction of the diagonal or pixels >= 1.')
    return bound_th if bound_th >= 1 else math.ceil(bound_th * np.linalg.norm(size))


def _f_measure(mask: np.ndarray, gt: np.ndarray, radius: float) -> float:
    # exact for any radius: boundaries lie in the box, and only distances between them matter
    box, padding = objects_box(mask | gt), math.ceil(radius)
    edge_mask, edge_gt = (pack_boundary(m[box], padding) for m in (mask, gt))
    num_mask, num_gt = count(edge_mask), count(edge_gt)
    if not num_mask or not num_gt:
        return float(num_mask == num_gt)
    precision = count(edge_mask & within_radius(edge_gt, radius)) / num_mask
    recall = count(edge_gt & within_radius(edge_mask, radius)) / num_gt
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0
