"""Masks, boxes and ids drawn over a frame."""

from collections.abc import Iterable, Mapping

import cv2
import numpy as np

from ..formats.palette import davis_palette
from ..structures.box_ops import VOID, boxes_of_mask

VOID_GREY = 200
HATCH_PERIOD = 6
ERROR_COLOURS = {'too much': (60, 60, 230), 'missed': (240, 140, 40), 'other object': (40, 200, 240)}  # BGR


def _colours() -> np.ndarray:
    """BGR of every id, uint8 (256, 3)."""
    return davis_palette()[:, ::-1]


def _line_colour(object_id: int) -> list[int]:
    """The id's colour, lightened, since the palette's darkest colours are invisible as thin lines."""
    return (0.6 * _colours()[object_id] + 0.4 * 255).astype(int).tolist()


def _hatch_void(canvas: np.ndarray, void: np.ndarray, alpha: float) -> None:
    rows, cols = np.nonzero(void)
    stripe = (rows + cols) % HATCH_PERIOD < HATCH_PERIOD // 3
    rows, cols = rows[stripe], cols[stripe]
    canvas[rows, cols] = ((1 - alpha) * canvas[rows, cols] + alpha * VOID_GREY).astype(np.uint8)


def _inner_contours(id_mask: np.ndarray) -> np.ndarray:
    """Object pixels with a 4-neighbour of another id, bool (H, W)."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    edge = cv2.morphologyEx(id_mask, cv2.MORPH_GRADIENT, cross) > 0
    return edge & (id_mask != 0) & (id_mask != VOID)


def _write_id(canvas: np.ndarray, object_id: int, box: Iterable[float]) -> None:
    x1, y1, _, _ = (int(v) for v in box)
    scale = max(0.3, min(canvas.shape[:2]) / 420)
    thickness = max(1, round(1.5 * scale))
    text = str(object_id)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    x = int(np.clip(x1 + 2, 2, max(2, canvas.shape[1] - width - 2)))
    y = int(np.clip(y1 + height + 2, height + 2, max(height + 2, canvas.shape[0] - 2)))
    cv2.rectangle(canvas, (x - 2, y - height - 2), (x + width + 1, y + 2), _line_colour(object_id), -1)
    cv2.putText(canvas, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), thickness, cv2.LINE_AA)


def draw_overlay(
    image_bgr: np.ndarray,
    id_mask: np.ndarray,
    alpha: float = 0.5,
    boxes: Mapping[int, Iterable[float]] | None = None,
    contour: bool = True,
    labels: bool = True,
) -> np.ndarray:
    """Draw objects over a frame in the DAVIS colours; the input is not modified.

    Void pixels are hatched in grey; background pixels keep their values, except under a box line or
    an id.

    Args:
        image_bgr: uint8 (H, W, 3).
        id_mask: uint8 (H, W); 0 background, 255 void.
        alpha: opacity of the colour, in [0, 1].
        boxes: object id -> xyxy in pixels, right and bottom exclusive.
        contour: draw each object's outline, one pixel wide and inside the object.
        labels: write each object's id at the corner of its box.

    Returns:
        np.ndarray: uint8 (H, W, 3) BGR.

    Raises:
        ValueError: image and mask differ in size.
    """
    if image_bgr.shape[:2] != id_mask.shape:
        raise ValueError(
            f'draw_overlay: the image is {image_bgr.shape[:2]}, the mask {id_mask.shape} (H, W). '
            'Resize the mask with nearest-neighbour interpolation first.'
        )
    canvas, void = image_bgr.copy(), id_mask == VOID
    tinted = (id_mask != 0) & ~void
    colours = _colours()[id_mask[tinted]]
    canvas[tinted] = np.rint((1 - alpha) * canvas[tinted] + alpha * colours).astype(np.uint8)
    if contour:
        edge = _inner_contours(id_mask)
        canvas[edge] = (0.6 * _colours()[id_mask[edge]] + 0.4 * 255).astype(np.uint8)
    _hatch_void(canvas, void, max(alpha, 0.5))
    for object_id, box in (boxes or {}).items():
        x1, y1, x2, y2 = (round(float(v)) for v in box)
        cv2.rectangle(canvas, (x1, y1), (x2 - 1, y2 - 1), _line_colour(object_id), 1)
    if labels:
        for object_id, box in {**boxes_of_mask(id_mask), **(boxes or {})}.items():
            _write_id(canvas, object_id, box)
    return canvas


def draw_errors(image_bgr: np.ndarray, id_mask: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Draw where a mask differs from the ground truth, over the frame in grey.

    Red: an object where there is none; blue: a missed object; yellow: an object with the id of another.
    Pixels that are void in the ground truth are not errors.

    Args:
        image_bgr: uint8 (H, W, 3).
        id_mask: uint8 (H, W), predicted.
        truth: uint8 (H, W); 0 background, 255 void.

    Returns:
        np.ndarray: uint8 (H, W, 3) BGR.
    """
    grey = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY)
    canvas = cv2.cvtColor((0.6 * grey + 60).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    wrong = (id_mask != truth) & (truth != VOID)
    canvas[wrong & (truth == 0)] = ERROR_COLOURS['too much']
    canvas[wrong & (id_mask == 0)] = ERROR_COLOURS['missed']
    canvas[wrong & (truth != 0) & (id_mask != 0)] = ERROR_COLOURS['other object']
    return canvas


def put_caption(image_bgr: np.ndarray, text: str) -> np.ndarray:
    """A copy with a dark bar and white text added below; uint8 (H + bar, W, 3) BGR."""
    scale = max(0.35, image_bgr.shape[1] / 700)
    (_, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    bar = 2 * height
    canvas = cv2.copyMakeBorder(image_bgr, 0, bar, 0, 0, cv2.BORDER_CONSTANT, value=(32, 32, 32))
    origin = (4, image_bgr.shape[0] + height + height // 2)
    cv2.putText(canvas, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return canvas
