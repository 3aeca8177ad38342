"""Rough masks of the objects, the input of networks that refine a mask."""

import zlib

import cv2
import numpy as np
import torch
from mmcv.transforms import BaseTransform

from ...errors import ConfigError
from ...registry import TRANSFORMS
from ...structures import Supervision, dilate_masks, fill_box
from .thin_plate_spline import thin_plate_spline

KINDS = ('mask', 'box')
FAR = 2**14  # clips coordinates: OpenCV cannot draw arbitrarily large ones


@TRANSFORMS.register_module()
class InputMasks(BaseTransform):
    """Create the field ``input_masks``: deformed annotations that simulate masks of previous frames.

    MaskTrack's training from still images (Perazzi et al. 2017, Sec. 3.1 and 4): a random affine deformation,
    a thin-plate spline, then a dilation that removes details of the contour; see :func:`deform_mask`. Every
    frame and object is deformed on its own, from its mask or, without mask supervision, from its filled box.
    Void is excluded, and an absent object has an empty mask. Images and annotations are left unchanged.

    The paper generates two masks per image before training; ``variants=2`` does the same, whatever the
    workers, epochs and copies of a still image in a clip: the annotated mask determines them, so place the
    transform right after ``LoadClip``, before random geometry. Geometric transforms then warp the field.

    Args:
        kind: what is deformed, the ``'mask'`` or its filled tight ``'box'`` (Table 1, "Boxes").
        scale: largest change of size, as a share of it.
        shift: largest translation in x and y, as a share of the object's width and height.
        bend: largest shift of the spline's control points, likewise; 0 is "No non-rigid deformation" of
            Table 1 and, with ``scale`` and ``shift`` 0 too, "No deformation".
        control_points: of the spline.
        dilate: radius of the dilation in pixels; 0 is "No dilation".
        variants: number of deformations of each annotated mask; None draws a new one every time.
        seed: of the variants.

    Added key: ``input_masks``, float32 (T, N, H, W) in [0, 1].

    Raises:
        ConfigError: an unknown kind, or a number out of range.
    """

    def __init__(
        self,
        kind: str = 'mask',
        scale: float = 0.05,
        shift: float = 0.1,
        bend: float = 0.1,
        control_points: int = 5,
        dilate: int = 5,
        variants: int | None = None,
        seed: int = 0,
    ) -> None:
        if kind not in KINDS:
            raise ConfigError(f'InputMasks.kind: found {kind!r}, expected one of {KINDS}.')
        if not (0 <= scale < 1 and min(shift, bend, dilate, seed) >= 0):
            raise ConfigError(
                f'InputMasks: found scale={scale}, shift={shift}, bend={bend}, dilate={dilate}, seed={seed}; '
                'expected 0 or more, and a scale below 1.'
            )
        if control_points < 3 or (variants is not None and variants < 1):
            raise ConfigError(
                f'InputMasks: found control_points={control_points}, variants={variants}; expected 3 or '
                'more control points, and 1 or more variants or None.'
            )
        self.kind, self.dilate, self.variants, self.seed = kind, dilate, variants, seed
        self.deformation = dict(scale=scale, shift=shift, bend=bend, control_points=control_points)

    def transform(self, results: dict) -> dict:
        """See the class."""
        visible = results['visible']
        masks = np.zeros((*visible.shape, *results['id_masks'][0].shape), np.uint8)
        for k, slot in np.argwhere(visible):
            mask = self._annotated(results, k, slot)
            masks[k, slot] = deform_mask(mask, self._generator(mask), **self.deformation)
        dilated = dilate_masks(torch.from_numpy(masks), self.dilate).numpy()
        return {**results, 'input_masks': dilated.astype(np.float32)}

    def _annotated(self, results: dict, k: int, slot: int) -> np.ndarray:
        id_mask = results['id_masks'][k]
        if self.kind == 'mask' and results['supervision'][k, slot] == Supervision.MASK:
            return (id_mask == slot + 1).astype(np.uint8)
        return fill_box(results['boxes'][k, slot], id_mask.shape).astype(np.uint8)

    def _generator(self, mask: np.ndarray) -> np.random.RandomState:
        if self.variants is None:
            return np.random
        variant = np.random.randint(self.variants)
        return np.random.RandomState([self.seed, zlib.crc32(mask.tobytes()), variant])


def deform_mask(
    mask: np.ndarray,
    rng: np.random.RandomState,
    scale: float,
    shift: float,
    bend: float,
    control_points: int,
) -> np.ndarray:
    """Scale, translate and bend a mask at random (Perazzi et al. 2017, Sec. 4).

    All amounts are uniform in plus or minus the given share. The paper does not say where the control points
    lie. Its authors' published code takes random pixels of the contour, and a smoothing spline, as pixels
    close together would tear the mask; here pixels of the contour are drawn far from each other, and the
    spline interpolates. Where the contour has too few pixels, or those drawn lie on a line, the mask is not
    bent.

    Args:
        mask: uint8 (H, W), 0 or 1.
        rng: random generator, such as ``numpy.random``.
        scale: of the size, about the centre of the tight box.
        shift: of the box's width in x, of its height in y.
        bend: likewise, for each control point of the spline.
        control_points: how many.

    Returns:
        np.ndarray: uint8 (H, W), 0 or 1, cut off at the frame's border; the mask itself if nothing of it
        would remain inside.
    """
    left, top, *sides = cv2.boundingRect(mask)
    centre = np.array([left, top]) + (np.array(sides) - 1) / 2
    factor, offset = 1 + rng.uniform(-scale, scale), rng.uniform(-shift, shift, 2) * sides
    contours, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    moved = [centre + factor * (contour[:, 0] - centre) + offset for contour in contours]
    if bend and moved:
        controls = _spread(np.concatenate(moved), control_points, rng)
        targets = controls + rng.uniform(-bend, bend, controls.shape) * sides
        moved = list(map(thin_plate_spline(controls, targets), moved))
    deformed = np.zeros_like(mask)
    cv2.fillPoly(deformed, [np.rint(np.clip(points, -FAR, FAR)).astype(np.int32) for points in moved], 1)
    return deformed if deformed.any() else mask


def _spread(points: np.ndarray, count: int, rng: np.random.RandomState) -> np.ndarray:
    """Random points, each at least half as far from those drawn before as the farthest candidate."""
    drawn, distance = [points[rng.randint(len(points))]], np.full(len(points), np.inf)
    while len(drawn) < count:
        distance = np.minimum(distance, np.linalg.norm(points - drawn[-1], axis=1))
        drawn.append(points[rng.choice(np.flatnonzero(distance >= distance.max() / 2))])
    return np.array(drawn)
