"""Prompts as inputs of SAM 2: corners and points in its square, masks of its size."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...structures import ObjectPrompt
from ..streaming.records import Geometry

Size = tuple[int, int]  # (H, W)
TOP_LEFT, BOTTOM_RIGHT = 2, 3  # labels of a box's corners


def box_inputs(box: np.ndarray, source: Size, size: int, flip: bool = False) -> tuple[Tensor, Tensor]:
    """Corners (2, 2) in a square of ``size`` pixels, and their labels (2,).

    Args:
        box: float (4,) xyxy in pixels.
        source: (H, W) of the image.
        size: side of the model's square.
        flip: the square shows the mirrored image.
    """
    left, top, right, bottom = (float(x) for x in box)
    if flip:
        left, right = source[1] - right, source[1] - left
    return _scaled([(left, top), (right, bottom)], source, size), torch.tensor([TOP_LEFT, BOTTOM_RIGHT])


def point_inputs(points: np.ndarray, source: Size, size: int, flip: bool = False) -> tuple[Tensor, Tensor]:
    """Points (K, 2) in a square, and their labels (K,), from ``points`` (K, 3); see :func:`box_inputs`."""
    xy = [(source[1] - 1 - x if flip else x, y) for x, y, _ in points.tolist()]
    return _scaled(xy, source, size), torch.from_numpy(points[:, 2].astype(np.int64))


def _scaled(xy: list[tuple[float, float]], source: Size, size: int) -> Tensor:
    return torch.tensor(xy) * torch.tensor([size / source[1], size / source[0]])


def mask_input(mask: np.ndarray, size: int) -> Tensor:
    """A mask (H, W) in [0, 1] as float32 (1, 1, S, S), 0 or 1."""
    whole = torch.from_numpy(np.ascontiguousarray(mask, np.float32))[None, None]
    square = F.interpolate(whole, (size, size), mode='bilinear', align_corners=False, antialias=True)
    return (square >= 0.5).float()


def add_prompt(session: Any, t: int, prompt: ObjectPrompt, geometry: Geometry, size: int) -> None:
    """Add a prompt for frame ``t`` to the session of its object, a ``Sam2VideoInferenceSession``."""
    if prompt.mask is not None:
        session.add_mask_inputs(0, t, mask_input(geometry.to_work(prompt.mask.astype(np.float32)), size))
    elif prompt.box is not None:
        _add_points(session, t, box_inputs(prompt.box, geometry.source, size, geometry.flip))
    elif prompt.points is not None:
        _add_points(session, t, point_inputs(prompt.points, geometry.source, size, geometry.flip))


def _add_points(session: Any, t: int, inputs: tuple[Tensor, Tensor]) -> None:
    coords, labels = (x[None, None] for x in inputs)
    session.add_point_inputs(0, t, dict(point_coords=coords, point_labels=labels))
