"""Occluders and clutter: objects of other images pasted onto a frame."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ...errors import ConfigError
from ...registry import TRANSFORMS
from ...structures import Supervision
from .moving import HIDDEN_MASKS, update_boxes


@TRANSFORMS.register_module()
class PasteObject(BaseTransform):
    """Paste an object of another sample over the first frame's object or behind it.

    After the copy-paste of Ghiasi et al. 2021. In front it is an occluder, whose pixels become background;
    behind it is clutter, which only covers background. The object comes from another random sample,
    in its state before this transform.

    Args:
        prob: probability per sample.
        front: share of the pasted objects that lie in front.
        scale: smallest and largest size of the pasted object relative to the box it is pasted into.
        max_covered: an occluder that would cover a larger share of the object is left out.

    Raises:
        ConfigError: a probability or share outside of [0, 1], or sizes that are not positive and ascending.
    """

    def __init__(
        self,
        prob: float = 0.5,
        front: float = 0.5,
        scale: tuple[float, float] = (0.3, 1.0),
        max_covered: float = 0.5,
    ) -> None:
        for key, value in (('prob', prob), ('front', front), ('max_covered', max_covered)):
            if not 0 <= value <= 1:
                raise ConfigError(f'PasteObject.{key}: found {value}, expected 0 to 1.')
        if not 0 < scale[0] <= scale[1]:
            raise ConfigError(f'PasteObject.scale: found {scale}, expected 0 < least <= most.')
        self.prob, self.front, self.scale = prob, front, tuple(scale)
        self.max_covered = max_covered

    def transform(self, results: dict) -> dict:
        """See the class."""
        slot = self._drawn(results)
        if slot is None or np.random.rand() >= self.prob:
            return results
        other = results['another'](self)
        cut = self._drawn(other)
        if cut is not None:
            self._paste(results, slot, *self._cut_out(other, cut))
        return results

    @staticmethod
    def _drawn(results: dict) -> int | None:
        """A random object with a mask in the first frame."""
        shown = np.flatnonzero(results['visible'][0] & (results['supervision'][0] == Supervision.MASK))
        return np.random.choice(shown) if shown.size else None

    @staticmethod
    def _cut_out(results: dict, slot: int) -> tuple[np.ndarray, np.ndarray]:
        """An object's tight box: image, uint8 (H, W, 3) BGR, and mask, uint8 (H, W), 1 the object."""
        mask = (results['id_masks'][0] == slot + 1).astype(np.uint8)
        left, top, width, height = cv2.boundingRect(mask)  # a stored box may be looser, or leave the image
        part = slice(top, top + height), slice(left, left + width)
        return results['imgs'][0][part].copy(), mask[part]

    def _paste(self, results: dict, slot: int, image: np.ndarray, mask: np.ndarray) -> None:
        id_mask = results['id_masks'][0]
        image, mask = self._placed(image, mask, results['boxes'][0, slot], id_mask.shape)
        if np.random.rand() < self.front:
            target = id_mask == slot + 1
            if (mask & target).sum() > self.max_covered * target.sum():
                return
        else:
            mask &= id_mask == 0
        results['imgs'][0] = np.where(mask[..., None], image, results['imgs'][0])
        for name in {'id_masks', HIDDEN_MASKS.name} & set(results):
            results[name][0] = np.where(mask, 0, results[name][0]).astype(np.uint8)
        update_boxes(results)

    def _placed(
        self, image: np.ndarray, mask: np.ndarray, box: np.ndarray, size: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """A cut-out in a frame of ``size``, centred somewhere in the box: image and bool mask (H, W)."""
        height, width = mask.shape
        sides = box[2:] - box[:2]
        factor = np.random.uniform(*self.scale) * np.sqrt(sides.prod() / (height * width))
        centre = np.random.uniform(box[:2], box[2:])
        mirror = np.random.choice([-1, 1])
        matrix = np.diag([factor * mirror, factor]) @ np.array([[1, 0, -width / 2], [0, 1, -height / 2]])
        matrix[:, 2] += centre
        # the cut-out is extended beyond its edges, or they would turn dark
        image = cv2.warpAffine(image, matrix, size[::-1], borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpAffine(mask, matrix, size[::-1], flags=cv2.INTER_NEAREST)
        return image, mask.astype(bool)
