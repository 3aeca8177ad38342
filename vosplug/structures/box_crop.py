"""Crop of an image around a box, the input of box-to-mask networks."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import ConfigError
from .box_ops import fill_box


def check_crop(size: tuple[int, int], margin: float = 0.0, relative_margin: float = 0.0) -> None:
    """Check the settings of :meth:`BoxCrop.around` before any box is seen.

    Raises:
        ConfigError: a size that is not two positive integers, or a margin that is negative or not finite.
    """
    if len(size) != 2 or not all(isinstance(side, int) and side > 0 for side in size):
        raise ConfigError(f'crop.size: found {size!r}, expected (height, width), positive integers.')
    for key, value in (('margin', margin), ('relative_margin', relative_margin)):
        if not (isinstance(value, (int, float)) and 0 <= value < float('inf')):
            raise ConfigError(f'crop.{key}: found {value!r}, expected a number of 0 or more.')


@dataclass(frozen=True, eq=False)
class BoxCrop:
    """A window around a box that is resized to a fixed size, and the inverse mapping.

    Voigtlaender et al. 2021, Sec. 3.1: the image and, as a fourth channel, the box as a mask are cropped to
    the box with a margin and resized to a fixed size, regardless of its aspect ratio.

    Attributes:
        box: float32 (4,) xyxy in pixels.
        window: left, top, right, bottom in pixels, right and bottom exclusive; not empty.
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
            margin: added on every side as far as the image goes, in pixels.
            relative_margin: added to ``margin``, as a share of the mean of the box's width and height, so
                that the network sees an object alike at any resolution.

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

    @property
    def _part(self) -> tuple[slice, slice]:
        left, top, right, bottom = self.window
        return slice(top, bottom), slice(left, right)

    def image(self, image: np.ndarray) -> np.ndarray:
        """Network input from an image uint8 (h, w, 3) BGR: uint8 (4, H, W), RGB and box (0, 255)."""
        rgb = self._resize(image[self._part], cv2.INTER_LINEAR)[..., ::-1]
        left, top, right, bottom = self.window
        scale = np.array(self.size)[::-1] / (right - left, bottom - top)
        inside = fill_box((self.box - np.tile([left, top], 2)) * np.tile(scale, 2), self.size)
        return np.concatenate([rgb.transpose(2, 0, 1), 255 * inside[None].astype(np.uint8)])

    def labels(self, mask: np.ndarray) -> np.ndarray:
        """Network target uint8 (H, W) from a mask uint8 (h, w)."""
        return cv2.resize(mask[self._part], self.size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)

    def paste(self, prob: np.ndarray) -> np.ndarray:
        """Paste probabilities float32 (H, W) of the crop into the image, float32 (h, w); 0 outside."""
        left, top, right, bottom = self.window
        whole = np.zeros(self.shape, np.float32)
        whole[self._part] = self._resize(prob, cv2.INTER_LINEAR, (bottom - top, right - left))
        return whole

    def _resize(self, array: np.ndarray, method: int, size: tuple[int, int] | None = None) -> np.ndarray:
        size = size or self.size
        if size[0] < array.shape[0] and size[1] < array.shape[1]:
            method = cv2.INTER_AREA
        return cv2.resize(array, size[::-1], interpolation=method)
