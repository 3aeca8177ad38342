"""Measures on boxes: overlap, centre error and their curves.

Boxes here are float (..., 4) x, y, w, h in pixels, as in tracking benchmarks, not xyxy as in the rest of
the framework.
"""

import numpy as np

from ...errors import AnnotationError

IOU_THRESHOLDS = np.linspace(0, 1, 21)
PIXEL_THRESHOLDS = np.arange(51.0)
NORMALISED_THRESHOLDS = np.linspace(0, 0.5, 51)


def boxes_from_masks(masks: np.ndarray) -> np.ndarray:
    """Tight bounding boxes of masks (STA is scored with these on tracking benchmarks).

    Args:
        masks: bool or integer (T, H, W); anything but 0 is the object.

    Returns:
        np.ndarray: float64 (T, 4) xywh; w and h count pixels, so a single pixel has size 1. An empty mask
        gives 0, 0, 0, 0: no overlap with anything as a prediction, no object as ground truth.

    Raises:
        AnnotationError: another number of dimensions, or float masks.
    """
    masks = np.asarray(masks)
    if masks.ndim != 3 or masks.dtype.kind not in 'bui':
        raise AnnotationError(
            f'boxes_from_masks: expected bool or integer masks (T, H, W), found {masks.dtype} {masks.shape}.'
        )
    cols, rows = np.any(masks, 1), np.any(masks, 2)
    x, y = cols.argmax(1), rows.argmax(1)
    w = masks.shape[2] - cols[:, ::-1].argmax(1) - x
    h = masks.shape[1] - rows[:, ::-1].argmax(1) - y
    return np.stack([x, y, w, h], 1) * cols.any(1, keepdims=True).astype(np.float64)


def box_iou(a: np.ndarray, b: np.ndarray, bound: tuple[float, float] | None = None) -> np.ndarray:
    """Intersection over union of boxes, pair by pair, in [0, 1]; 0 when the union is empty.

    Args:
        a: (..., 4) xywh.
        b: the same shape.
        bound: (W, H) of the image to clip to, as the GOT-10k toolkit does: a corner left of or above the
            image moves to its edge and the box keeps its size, as long as it ends inside.

    Raises:
        AnnotationError: different shapes.
    """
    a, b = as_boxes(a, b)
    if bound is not None:
        a, b = _clip(a, bound), _clip(b, bound)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    inter = np.maximum(high - low, 0).prod(-1)
    union = a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - inter
    return np.clip(inter / (union + np.finfo(np.float64).eps), 0, 1)


def centre_error(pred: np.ndarray, gt: np.ndarray) -> np.ndarray:
    """Distance of box centres in pixels.

    Args:
        pred: (..., 4) xywh.
        gt: the same shape.
    """
    return np.linalg.norm(_centre_offset(pred, gt), axis=-1)


def normalised_centre_error(pred: np.ndarray, gt: np.ndarray, min_size: float = 1) -> np.ndarray:
    """Distance of box centres, normalised by the ground-truth width and height (TrackingNet).

    Args:
        pred: (..., 4) xywh.
        gt: the same shape.
        min_size: lower bound of the width and height used for normalisation, in pixels.
    """
    with np.errstate(divide='ignore', invalid='ignore'):
        offset = _centre_offset(pred, gt) / np.maximum(np.asarray(gt, np.float64)[..., 2:], min_size)
    return np.linalg.norm(offset, axis=-1)


def success_curve(ious: np.ndarray, thresholds: np.ndarray = IOU_THRESHOLDS) -> np.ndarray:
    """Share of frames whose IoU is strictly above each threshold.

    Args:
        ious: (T,).
        thresholds: (K,).

    Returns:
        np.ndarray: (K,) in [0, 1].
    """
    return (np.asarray(ious)[:, None] > thresholds).mean(0)


def precision_curve(errors: np.ndarray, thresholds: np.ndarray = PIXEL_THRESHOLDS) -> np.ndarray:
    """Share of frames whose centre error is at most each threshold.

    Args:
        errors: (T,).
        thresholds: (K,).

    Returns:
        np.ndarray: (K,) in [0, 1].
    """
    return (np.asarray(errors)[:, None] <= thresholds).mean(0)


def as_boxes(a: np.ndarray, b: np.ndarray, where: str = 'boxes to compare') -> tuple[np.ndarray, np.ndarray]:
    """Convert both to float64; an error that begins with ``where`` unless both are (..., 4) of one shape."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape or a.ndim < 1 or a.shape[-1] != 4:
        raise AnnotationError(f'{where}: expected (..., 4) of one shape, found {a.shape}, {b.shape}.')
    return a, b


def _clip(boxes: np.ndarray, bound: tuple[float, float]) -> np.ndarray:
    corner = np.clip(boxes[..., :2], 0, bound)
    return np.concatenate([corner, np.clip(boxes[..., 2:], 0, bound - corner)], -1)


def _centre_offset(pred: np.ndarray, gt: np.ndarray) -> np.ndarray:
    pred, gt = as_boxes(pred, gt)
    return pred[..., :2] - gt[..., :2] + (pred[..., 2:] - gt[..., 2:]) / 2
