"""Geometric transforms of clips, applied jointly to images, boxes and all maps."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ...errors import ConfigError
from ...registry import TRANSFORMS
from ...structures.image_file import check_aspect
from .moving import move_maps, update_boxes


def resize_clip(results: dict, size: tuple[int, int]) -> dict:
    """Resize every frame to (H, W), regardless of its aspect ratio, and scale the boxes."""
    old, new = np.array(results['imgs'][0].shape[:2]), np.array(size)
    method = cv2.INTER_AREA if (new < old).all() else cv2.INTER_LINEAR
    shape = tuple(map(int, size[::-1]))
    results['imgs'] = [cv2.resize(i, shape, interpolation=method) for i in results['imgs']]
    methods = dict(nearest=cv2.INTER_NEAREST_EXACT, linear=method)
    move_maps(
        results, size, lambda a, k, field: cv2.resize(a, shape, interpolation=methods[field.interpolation])
    )
    results['boxes'] = results['boxes'] * np.float32([*(new / old)[::-1]] * 2)
    return update_boxes(results)


def crop_clip(results: dict, corners: np.ndarray, size: tuple[int, int]) -> dict:
    """Crop a window (H, W) from every frame; rows of ``corners``, int (T, 2), are its top and left.

    Pixels outside a frame are filled: images with 0, masks with void, other maps with their ``fill``.
    """
    results['imgs'] = [_cut(i, *c, size, 0) for i, c in zip(results['imgs'], corners, strict=True)]
    move_maps(results, size, lambda a, k, field: _cut(a, *corners[k], size, field.fill))
    shift = np.tile(corners[:, ::-1], 2).astype(np.float32)
    results['boxes'] = results['boxes'] - shift[:, None]
    return update_boxes(results)


def _cut(array: np.ndarray, top: int, left: int, size: tuple[int, int], fill: float) -> np.ndarray:
    cut = array[top : top + size[0], left : left + size[1]]
    below, right = size[0] - cut.shape[0], size[1] - cut.shape[1]
    if below or right:
        widths = ((0, below), (0, right)) + ((0, 0),) * (cut.ndim - 2)
        cut = np.pad(cut, widths, constant_values=fill)
    return cut


@TRANSFORMS.register_module()
class ClipResize(BaseTransform):
    """Resize a clip, by its shorter side or to a fixed size.

    Args:
        short_side: target in pixels, or (min, max) for a uniform draw per clip; keeps the aspect ratio.
        size: (H, W) instead; does not keep the aspect ratio.

    Raises:
        ConfigError: both or neither are given, or a short side below 1 or with min above max.
    """

    def __init__(
        self, short_side: int | tuple[int, int] | None = None, size: tuple[int, int] | None = None
    ) -> None:
        if (short_side is None) == (size is None):
            raise ConfigError(
                f'ClipResize: found short_side={short_side} and size={size}; give exactly one of them.'
            )
        self.short_side = (short_side,) * 2 if isinstance(short_side, int) else short_side
        if self.short_side is not None and not 1 <= self.short_side[0] <= self.short_side[1]:
            raise ConfigError(
                f'ClipResize.short_side: found {short_side}, expected 1 or more, or ascending (min, max).'
            )
        self.size = size

    def transform(self, results: dict) -> dict:
        """See the class."""
        if self.size is not None:
            return resize_clip(results, self.size)
        height, width = results['imgs'][0].shape[:2]
        check_aspect((height, width), results['record'].name if 'record' in results else 'a clip')
        target = np.random.randint(self.short_side[0], self.short_side[1] + 1)
        scale = target / min(height, width)
        return resize_clip(results, (round(height * scale), round(width * scale)))


@TRANSFORMS.register_module()
class ClipRandomFlip(BaseTransform):
    """Flip a whole clip horizontally.

    Args:
        prob: probability per clip.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """See the class."""
        if np.random.rand() >= self.prob:
            return results
        size = results['imgs'][0].shape[:2]
        results['imgs'] = [i[:, ::-1] for i in results['imgs']]
        move_maps(results, size, lambda a, k, field: a[:, ::-1])
        boxes = results['boxes']
        boxes[..., [0, 2]] = size[1] - boxes[..., [2, 0]]
        boxes[~results['visible']] = 0
        return results


@TRANSFORMS.register_module()
class ClipRandomCrop(BaseTransform):
    """Crop a window that contains the box centre of an object from every frame.

    Frames smaller than the window are padded at the right and bottom: images with 0, masks with void.

    Args:
        size: (H, W) of the window in pixels.
        same_for_clip: use one window for the clip, around an object of its first frame; otherwise one per
            frame.
    """

    def __init__(self, size: tuple[int, int], same_for_clip: bool = True) -> None:
        self.size, self.same_for_clip = tuple(size), same_for_clip

    def transform(self, results: dict) -> dict:
        """See the class."""
        length = len(results['imgs'])
        drawn = [self._corner(results, k) for k in range(1 if self.same_for_clip else length)]
        return crop_clip(results, np.broadcast_to(drawn, (length, 2)), self.size)

    def _corner(self, results: dict, k: int) -> list[int]:
        """Top and left of a random window for frame ``k``."""
        frame, window = np.array(results['imgs'][k].shape[:2]), np.array(self.size)
        room = np.maximum(frame - window, 0)
        low, high = np.zeros(2, int), room
        shown = np.flatnonzero(results['visible'][k])
        if shown.size:
            x1, y1, x2, y2 = results['boxes'][k, np.random.choice(shown)]
            centre = np.array([(y1 + y2) / 2, (x1 + x2) / 2])
            low = np.clip(np.ceil(centre - window + 1).astype(int), 0, room)
            high = np.clip(np.floor(centre).astype(int), low, room)
        return [int(np.random.randint(a, b + 1)) for a, b in zip(low, high, strict=True)]


@TRANSFORMS.register_module()
class ClipRandomResizedCrop(BaseTransform):
    """Crop the same random window from every frame and resize it.

    The window is drawn as in torchvision's ``RandomResizedCrop``, and redrawn if it contains no box of the
    first frame; after ``tries`` draws, the largest central window is used.

    Args:
        size: (H, W) of the result.
        scale: smallest and largest fraction of the frame's area (XMem: 0.36 to 1).
        ratio: smallest and largest width / height of the window.
        tries: maximum number of draws.
    """

    def __init__(
        self,
        size: tuple[int, int],
        scale: tuple[float, float] = (0.36, 1.0),
        ratio: tuple[float, float] = (3 / 4, 4 / 3),
        tries: int = 10,
    ) -> None:
        self.size, self.scale, self.ratio, self.tries = tuple(size), tuple(scale), tuple(ratio), tries

    def transform(self, results: dict) -> dict:
        """See the class."""
        top, left, height, width = self._window(results)
        corners = np.tile([top, left], (len(results['imgs']), 1))
        return resize_clip(crop_clip(results, corners, (height, width)), self.size)

    def _window(self, results: dict) -> tuple[int, int, int, int]:
        """Top, left, height and width."""
        frame = np.array(results['imgs'][0].shape[:2])
        boxes = results['boxes'][0, results['visible'][0]]
        for _ in range(self.tries):
            area = frame.prod() * np.random.uniform(*self.scale)
            ratio = np.exp(np.random.uniform(*np.log(self.ratio)))
            window = np.rint([np.sqrt(area / ratio), np.sqrt(area * ratio)]).astype(int)
            if (window < 1).any() or (window > frame).any():
                continue
            top, left = (int(np.random.randint(room + 1)) for room in frame - window)
            low, high = np.array([left, top]), np.array([left, top]) + window[::-1]
            shown = np.minimum(boxes[:, 2:], high) - np.maximum(boxes[:, :2], low) >= 1
            if not len(boxes) or shown.all(1).any():
                return top, left, *map(int, window)
        return self._central(*frame)

    def _central(self, height: int, width: int) -> tuple[int, int, int, int]:
        cut_width = min(width, round(height * self.ratio[1]))
        cut_height = min(height, round(width / self.ratio[0]))
        return (height - cut_height) // 2, (width - cut_width) // 2, int(cut_height), int(cut_width)


@TRANSFORMS.register_module()
class ClipRandomAffine(BaseTransform):
    """Rotate, scale, shear and translate a clip, with optional jitter per frame.

    Boxes stay tight if the annotation has masks, also under box supervision (see
    :func:`~vosplug.datasets.transforms.moving.update_boxes`). With box annotations only, a box becomes the
    bounding box of its rotated corners, which is too large: keep ``degrees`` and ``shear`` at 0 then.

    Args:
        degrees: largest rotation.
        scale: smallest and largest factor.
        shear: largest shear in degrees.
        shift: largest shift as a fraction of the frame.
        jitter: fraction of the ranges drawn independently for every frame.
        together: fraction of the ranges drawn once per clip; 0 (with ``jitter=1``) makes frames independent.
    """

    def __init__(
        self,
        degrees: float = 15,
        scale: tuple[float, float] = (0.8, 1.25),
        shear: float = 10,
        shift: float = 0.1,
        jitter: float = 0.1,
        together: float = 1.0,
    ) -> None:
        self.degrees, self.scale, self.shear = degrees, tuple(scale), shear
        self.shift, self.jitter, self.together = shift, jitter, together

    def transform(self, results: dict) -> dict:
        """See the class."""
        height, width = size = results['imgs'][0].shape[:2]
        clip = self.together * self._draw()
        matrices = [self._matrix(clip + self.jitter * self._draw(), size) for _ in results['imgs']]
        for k, (image, matrix) in enumerate(zip(results['imgs'], matrices, strict=True)):
            results['imgs'][k] = cv2.warpAffine(
                image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            )
            results['boxes'][k] = self._hull(results['boxes'][k], matrix)
        methods = dict(nearest=cv2.INTER_NEAREST, linear=cv2.INTER_LINEAR)
        move_maps(
            results,
            size,
            lambda a, k, field: cv2.warpAffine(
                a, matrices[k], (width, height), flags=methods[field.interpolation], borderValue=field.fill
            ),
        )
        turned = [bool(matrix[0, 1] or matrix[1, 0]) for matrix in matrices]
        return update_boxes(results, np.array(turned))

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
