"""Input checks shared by all mask measures."""

import cv2
import numpy as np

from ...errors import AnnotationError


def binary_pair(mask: np.ndarray, gt: np.ndarray, void: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Two masks as contiguous uint8 0/1 (H, W), both background where ``void`` is set."""
    check_shapes(mask, gt, void)
    mask, gt = _binary(mask, 'mask'), _binary(gt, 'gt')
    if void is not None:
        keep = 1 - _binary(void, 'void')
        mask, gt = mask & keep, gt & keep
    return mask, gt


def id_pair(
    pred_ids: np.ndarray, gt_ids: np.ndarray, void: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Two id masks as contiguous uint8, both background where ``void`` is set, cropped to the objects.

    The crop is the bounding box of all objects plus one pixel, so that everything beyond its edge is
    background or outside the image.
    """
    check_shapes(pred_ids, gt_ids, void)
    for name, ids in (('pred_ids', pred_ids), ('gt_ids', gt_ids)):
        if np.asarray(ids).dtype != np.uint8:
            raise AnnotationError(f'{name}: expected a uint8 id mask, found {np.asarray(ids).dtype}.')
    if void is not None:
        keep = 1 - _binary(void, 'void')
        pred_ids, gt_ids = pred_ids * keep, gt_ids * keep
    box = objects_box(pred_ids | gt_ids)
    return np.ascontiguousarray(pred_ids[box]), np.ascontiguousarray(gt_ids[box])


def objects_box(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a uint8 mask's foreground, with one pixel around it; at least one of each."""
    x, y, w, h = cv2.boundingRect(mask)
    return slice(max(y - 1, 0), y + h + 1), slice(max(x - 1, 0), x + w + 1)


def check_shapes(mask: np.ndarray, gt: np.ndarray, void: np.ndarray | None) -> None:
    """Raise AnnotationError unless all are non-empty (H, W) of one size."""
    shapes = {'prediction': np.shape(mask), 'ground truth': np.shape(gt)}
    if void is not None:
        shapes['void'] = np.shape(void)
    sizes = set(shapes.values())
    if len(sizes) != 1 or len(shapes['prediction']) != 2 or 0 in shapes['prediction']:
        found = ', '.join(f'{name} {shape}' for name, shape in shapes.items())
        raise AnnotationError(f'masks to compare: expected (H, W) of one size, found {found}. Resize first.')


def _binary(mask: np.ndarray, name: str) -> np.ndarray:
    mask = np.asarray(mask)
    if mask.dtype.kind not in 'bui':
        raise AnnotationError(
            f'{name}: expected a bool or integer mask, found {mask.dtype}. Threshold probabilities first.'
        )
    return np.ascontiguousarray(mask != 0).view(np.uint8)
