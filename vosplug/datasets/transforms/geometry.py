"""Geometric transforms with one random draw per clip; masks, boxes and images move together."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ...structures import Supervision, boxes_of_mask

VOID = 255


def update_visibility(results: dict) -> dict:
    """Cut boxes at the image border and mark objects that left it.

    Objects with mask supervision get the tight box of what is left of the mask.
    """
    height, width = results['imgs'][0].shape[:2]
    boxes = results['boxes']
    np.clip(boxes[..., 0::2], 0, width, out=boxes[..., 0::2])
    np.clip(boxes[..., 1::2], 0, height, out=boxes[..., 1::2])
    for k, id_mask in enumerate(results['id_masks']):
        if not (results['supervision'][k] == Supervision.MASK).any():
            continue
        tight = boxes_of_mask(id_mask)
        for slot in np.flatnonzero(results['supervision'][k] == Supervision.MASK):
            boxes[k, slot] = tight.get(slot + 1, np.zeros(4, np.float32))
    # a box thinner than a pixel supervises nothing
    wide = (boxes[..., 2] - boxes[..., 0] >= 1) & (boxes[..., 3] - boxes[..., 1] >= 1)
    results['visible'] &= wide
    boxes[~results['visible']] = 0
    return results


@TRANSFORMS.register_module()
class ClipResize(BaseTransform):
    """Resize a clip so that its shorter side has a given length.

    Args:
        short_side: target in pixels, or (least, most) for a uniform draw per clip.
    """

    def __init__(self, short_side: int | tuple[int, int]) -> None:
        self.short_side = (short_side,) * 2 if isinstance(short_side, int) else tuple(short_side)

    def transform(self, results: dict) -> dict:
        """See the class."""
        height, width = results['imgs'][0].shape[:2]
        target = np.random.randint(self.short_side[0], self.short_side[1] + 1)
        scale = target / min(height, width)
        size = (round(width * scale), round(height * scale))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        results['imgs'] = [cv2.resize(i, size, interpolation=method) for i in results['imgs']]
        results['id_masks'] = [
            cv2.resize(m, size, interpolation=cv2.INTER_NEAREST_EXACT) for m in results['id_masks']
        ]
        results['boxes'] = results['boxes'] * np.float32([size[0] / width, size[1] / height] * 2)
        return update_visibility(results)


@TRANSFORMS.register_module()
class ClipRandomFlip(BaseTransform):
    """Mirror a whole clip left to right.

    Args:
        prob: chance per clip.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """See the class."""
        if np.random.rand() >= self.prob:
            return results
        width = results['imgs'][0].shape[1]
        results['imgs'] = [i[:, ::-1] for i in results['imgs']]
        results['id_masks'] = [m[:, ::-1] for m in results['id_masks']]
        boxes = results['boxes']
        boxes[..., [0, 2]] = width - boxes[..., [2, 0]]
        boxes[~results['visible']] = 0
        return results


@TRANSFORMS.register_module()
class ClipRandomCrop(BaseTransform):
    """Cut the same window out of every frame; it holds the box centre of one object of the first frame.

    Frames smaller than the window are padded right and below: images with 0, masks with void.

    Args:
        size: (H, W) of the window in pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = tuple(size)

    def transform(self, results: dict) -> dict:
        """See the class."""
        frame, window = np.array(results['imgs'][0].shape[:2]), np.array(self.size)
        room = np.maximum(frame - window, 0)
        low, high = np.zeros(2, int), room
        shown = np.flatnonzero(results['visible'][0])
        if shown.size:
            x1, y1, x2, y2 = results['boxes'][0, np.random.choice(shown)]
            centre = np.array([(y1 + y2) / 2, (x1 + x2) / 2])
            low = np.clip(np.ceil(centre - window + 1).astype(int), 0, room)
            high = np.clip(np.floor(centre).astype(int), low, room)
        top, left = (int(np.random.randint(a, b + 1)) for a, b in zip(low, high, strict=True))
        results['imgs'] = [self._cut(i, top, left, 0) for i in results['imgs']]
        results['id_masks'] = [self._cut(m, top, left, VOID) for m in results['id_masks']]
        results['boxes'] = results['boxes'] - np.float32([left, top, left, top])
        return update_visibility(results)

    def _cut(self, array: np.ndarray, top: int, left: int, fill: int) -> np.ndarray:
        cut = array[top : top + self.size[0], left : left + self.size[1]]
        below, right = self.size[0] - cut.shape[0], self.size[1] - cut.shape[1]
        if below or right:
            widths = ((0, below), (0, right)) + ((0, 0),) * (cut.ndim - 2)
            cut = np.pad(cut, widths, constant_values=fill)
        return cut


@TRANSFORMS.register_module()
class ClipRandomAffine(BaseTransform):
    """Rotate, scale, shear and shift a clip; every frame may deviate a little from the clip's draw.

    The box of a box-supervised object becomes the hull of its turned corners, which is looser than a
    tight box: keep ``degrees`` and ``shear`` at 0 where boxes are the supervision.

    Args:
        degrees: largest rotation.
        scale: least and largest factor.
        shear: largest shear in degrees.
        shift: largest shift as a fraction of the frame.
        jitter: share of the ranges that every frame draws again for itself.
    """

    def __init__(
        self,
        degrees: float = 15,
        scale: tuple[float, float] = (0.8, 1.25),
        shear: float = 10,
        shift: float = 0.1,
        jitter: float = 0.1,
    ) -> None:
        self.degrees, self.scale, self.shear = degrees, tuple(scale), shear
        self.shift, self.jitter = shift, jitter

    def transform(self, results: dict) -> dict:
        """See the class."""
        height, width = results['imgs'][0].shape[:2]
        clip = self._draw()
        for k, image in enumerate(results['imgs']):
            matrix = self._matrix(clip + self.jitter * self._draw(), (height, width))
            results['imgs'][k] = cv2.warpAffine(
                image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            )
            results['id_masks'][k] = cv2.warpAffine(
                results['id_masks'][k], matrix, (width, height), flags=cv2.INTER_NEAREST, borderValue=VOID
            )
            results['boxes'][k] = self._hull(results['boxes'][k], matrix)
        return update_visibility(results)

    def _draw(self) -> np.ndarray:
        """Angle, log scale, shear, shift x and shift y, in units of their ranges."""
        low, high = np.log(self.scale)
        return np.array(
            [
                np.random.uniform(-self.degrees, self.degrees),
                np.random.uniform(low, high),
                np.random.uniform(-self.shear, self.shear),
                *np.random.uniform(-self.shift, self.shift, 2),
            ]
        )

    @staticmethod
    def _matrix(draw: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        angle, scale, shear = np.deg2rad(draw[0]), np.exp(draw[1]), np.tan(np.deg2rad(draw[2]))
        cos, sin = np.cos(angle), np.sin(angle)
        linear = scale * np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, shear], [0, 1]])
        centre = np.array([size[1] - 1, size[0] - 1]) / 2
        offset = centre - linear @ centre + draw[3:] * np.array([size[1], size[0]])
        return np.column_stack([linear, offset])

    @staticmethod
    def _hull(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        # edges lie half a pixel off the pixel centres that the matrix maps
        corners = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]] - 0.5
        moved = corners @ matrix[:, :2].T + matrix[:, 2] + 0.5
        return np.concatenate([moved.min(1), moved.max(1)], 1).astype(np.float32)
