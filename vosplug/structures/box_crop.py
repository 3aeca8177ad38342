"""Crop of an image around a box, the input of box-to-mask networks."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import ConfigError
from .box_ops import VOID, fill_box


def check_crop(
    size: tuple[int, int], margin: float = 0.0, relative_margin: float = 0.0, factor: float = 1.0
) -> None:
    """Check the settings of a :class:`BoxCrop` before any box is seen.

    Raises:
        ConfigError: a size that is not two positive integers, or a margin or factor that is negative or not
            finite.
    """
    if len(size) != 2 or not all(isinstance(side, int) and side > 0 for side in size):
        raise ConfigError(f'crop.size: found {size!r}, expected (height, width), positive integers.')
    for key, value in (('margin', margin), ('relative_margin', relative_margin), ('factor', factor)):
        if not (isinstance(value, (int, float)) and 0 <= value < float('inf')):
            raise ConfigError(f'crop.{key}: found {value!r}, expected a number of 0 or more.')


@dataclass(frozen=True, eq=False)
class BoxCrop:
    """A window around a box that is resized to a fixed size, and the inverse mapping.

    Voigtlaender et al. 2021, Sec. 3.1: the image and, as a fourth channel, the box as a mask are cropped to
    the box with a margin and resized to a fixed size, regardless of its aspect ratio.

    Attributes:
        box: float32 (4,) xyxy in pixels.
        window: left, top, right, bottom in pixels, right and bottom exclusive; not empty; from
            :meth:`undistorted` it may reach beyond the image.
        shape: (H, W) of the image.
        size: (H, W) of the crop.
    """

    box: np.ndarray
    window: tuple[int, int, int, int]
    shape: tuple[int, int]
    size: tuple[int, int]

    @classmethod
    def around(
        cls,
        box: np.ndarray,
        shape: tuple[int, int],
        size: tuple[int, int],
        margin: float = 0.0,
        relative_margin: float = 0.0,
    ) -> 'BoxCrop':
        """The crop of a box that overlaps the image.

        Args:
            box: xyxy in pixels, clipped to the image.
            shape: (H, W) of the image.
            size: (H, W) of the crop.
            margin: added on every side, within the image, in pixels.
            relative_margin: added to ``margin``, as a share of the mean of the box's width and height, so
                that an object looks the same to the network at any resolution.

        Raises:
            ConfigError: see :func:`check_crop`.
        """
        check_crop(size, margin, relative_margin)
        box = np.asarray(box, np.float32)
        margin = margin + relative_margin * float((box[2:] - box[:2]).mean())
        limits = np.array([*shape[::-1]] * 2)
        low, high = np.floor(box[:2] - margin), np.ceil(box[2:] + margin)
        window = np.clip(np.concatenate([low, high]), 0, limits).astype(int)
        return cls(box, tuple(window.tolist()), (*shape,), (*size,))

    @classmethod
    def undistorted(
        cls, box: np.ndarray, shape: tuple[int, int], size: tuple[int, int], factor: float
    ) -> 'BoxCrop':
        """The crop with the aspect ratio of ``size`` (Zhao et al. 2021, Sec. 3.4).

        Its area is that of a square with ``factor`` times the geometric mean of the box's sides, but it
        contains the box, and is no larger than needed to contain the image. It is shifted into the image;
        where the image is smaller, it extends beyond on both sides.

        Args:
            box: xyxy in pixels, overlaps the image.
            shape: (H, W) of the image.
            size: (H, W) of the crop.
            factor: 5 in the paper.

        Raises:
            ConfigError: see :func:`check_crop`.
        """
        check_crop(size, factor=factor)
        box, limits, sides = np.asarray(box, np.float32), np.array(shape[::-1]), np.array(size[::-1])
        inside = np.clip(box, 0, np.tile(limits, 2))
        start, stop = np.floor(inside[:2]), np.ceil(inside[2:])  # whole pixels
        own = np.maximum(stop - start, 1)
        zoom = max(factor * np.sqrt(own.prod() / sides.prod()), (own / sides).max())
        # rounding errors do not make it larger than the image
        window = np.ceil(min(zoom, (limits / sides).max()) * sides - 1e-6).astype(int)
        low = np.floor((start + stop - window) / 2).astype(int)
        low = np.where(window <= limits, np.clip(low, 0, limits - window), (limits - window) // 2)
        return cls(box, (*low.tolist(), *(low + window).tolist()), (*shape,), (*size,))

    @property
    def _part(self) -> tuple[slice, slice]:
        """Rows and columns of the image that lie in the window."""
        left, top, right, bottom = self.window
        return slice(max(top, 0), bottom), slice(max(left, 0), right)

    @property
    def _beyond(self) -> tuple[int, int, int, int]:
        """Rows of the window above and below the image, columns left and right of it."""
        left, top, right, bottom = self.window
        height, width = self.shape
        return max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)

    def _cut(self, image: np.ndarray, border: int, value: int = 0) -> np.ndarray:
        cut = image[self._part]
        return cv2.copyMakeBorder(cut, *self._beyond, border, value=value) if any(self._beyond) else cut

    def image(self, image: np.ndarray) -> np.ndarray:
        """Network input from an image uint8 (h, w, 3) BGR: uint8 (4, H, W), RGB and box (0, 255).

        Beyond the image, its border pixels are repeated.
        """
        rgb = self._resize(self._cut(image, cv2.BORDER_REPLICATE), cv2.INTER_LINEAR)[..., ::-1]
        left, top, right, bottom = self.window
        scale = np.array(self.size)[::-1] / (right - left, bottom - top)
        inside = fill_box((self.box - np.tile([left, top], 2)) * np.tile(scale, 2), self.size)
        return np.concatenate([rgb.transpose(2, 0, 1), 255 * inside[None].astype(np.uint8)])

    def labels(self, mask: np.ndarray) -> np.ndarray:
        """Network target uint8 (H, W) from a mask uint8 (h, w); void beyond the image."""
        cut = self._cut(mask, cv2.BORDER_CONSTANT, VOID)
        return cv2.resize(cut, self.size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)

    def paste(self, prob: np.ndarray) -> np.ndarray:
        """Paste probabilities float32 (H, W) of the crop into the image, float32 (h, w); 0 outside."""
        left, top, right, bottom = self.window
        above, below, before, after = self._beyond
        pasted = self._resize(prob, cv2.INTER_LINEAR, (bottom - top, right - left))
        whole = np.zeros(self.shape, np.float32)
        whole[self._part] = pasted[above : len(pasted) - below, before : pasted.shape[1] - after]
        return whole

    def _resize(self, array: np.ndarray, method: int, size: tuple[int, int] | None = None) -> np.ndarray:
        size = size or self.size
        if size[0] < array.shape[0] and size[1] < array.shape[1]:
            method = cv2.INTER_AREA
        return cv2.resize(array, size[::-1], interpolation=method)
