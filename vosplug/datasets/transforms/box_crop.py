"""Crops around object boxes: of whole clips, and as training samples for box-to-mask networks."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from ...errors import AnnotationError, ConfigError
from ...registry import TRANSFORMS
from ...structures import BoxCrop, Supervision, single_object
from ...structures.box_crop import check_crop
from .geometry import crop_clip


@TRANSFORMS.register_module()
class ClipCropToObject(BaseTransform):
    """Crop every frame to the surroundings of a random object in the first frame.

    Later transforms then process fewer pixels. Returns None for a clip whose first frame shows no object,
    which makes a dataset draw another one.

    Args:
        context: margin on every side, within the frame, as a share of the mean of the box's sides.
    """

    def __init__(self, context: float) -> None:
        if context < 0:
            raise ConfigError(f'ClipCropToObject.context: found {context}, expected 0 or more.')
        self.context = context

    def transform(self, results: dict) -> dict | None:
        """See the class."""
        shown = np.flatnonzero(results['visible'][0])
        if not shown.size:
            return None
        box = results['boxes'][0, np.random.choice(shown)]
        crop = BoxCrop.around(box, results['imgs'][0].shape[:2], (1, 1), relative_margin=self.context)
        left, top, right, bottom = crop.window
        corners = np.tile([top, left], (len(results['imgs']), 1))
        return crop_clip(results, corners, (bottom - top, right - left))


@TRANSFORMS.register_module()
class PackBoxCrop(BaseTransform):
    """Crop a random object of a frame by its box and pack it for :class:`~vosplug.models.Box2Seg`.

    Returns ``inputs``, uint8 (4, H, W) RGB and the box, and a ``SegDataSample`` with labels: 1 the object, 0
    everything else, 255 void. The frame is the clip's first. Returns None if earlier transforms moved every
    object out of the frame, which makes a dataset draw another sample.

    Args:
        size: (H, W) of the crop; 385x385 in Voigtlaender et al. 2021, Sec. 3.1.
        margin: around the box, in pixels; see :meth:`BoxCrop.around`.
        relative_margin: likewise, as a share of the mean of the box's sides.
        jitter: move the box's sides by up to this share of its width or height, as annotators' boxes vary.

    Raises:
        ConfigError: an invalid size or margin.
        AnnotationError: the frame is annotated by boxes.
    """

    def __init__(
        self,
        size: tuple[int, int],
        margin: float = 0.0,
        relative_margin: float = 0.0,
        jitter: float = 0.0,
    ) -> None:
        self.crop = dict(size=tuple(size), margin=margin, relative_margin=relative_margin)
        check_crop(**self.crop)
        self.jitter = jitter

    def transform(self, results: dict) -> dict | None:
        """See the class."""
        shown = np.flatnonzero(_masked(results, 'PackBoxCrop')[0] & results['visible'][0])
        if not shown.size:
            return None
        slot, shape = np.random.choice(shown), results['imgs'][0].shape[:2]
        crop = BoxCrop.around(self._moved(results['boxes'][0, slot], shape), shape, **self.crop)
        packed = _pack(results, slot, [crop])
        return dict(inputs=packed['inputs'][0], data_samples=packed['data_samples'])

    def _moved(self, box: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """The box with its sides jittered, at least one pixel wide and high inside the image."""
        sides = np.tile(box[2:] - box[:2], 2)
        moved = box + np.random.uniform(-self.jitter, self.jitter, 4) * sides
        moved = np.clip(moved, 0, np.tile(shape[::-1], 2))
        return moved if (moved[2:] - moved[:2] >= 1).all() else box


@TRANSFORMS.register_module()
class PackBoxClip(BaseTransform):
    """Crop a random object by its box in every frame and pack it for :class:`~vosplug.models.STANet`.

    Returns ``inputs``, uint8 (T, 4, H, W) RGB and the box, and a ``SegDataSample`` with labels (T, H, W): 1
    the object, 0 everything else, 255 void. Returns None if no object is visible in all frames, which makes a
    dataset draw another sample.

    Args:
        size: (H, W) of the crops; 480x832 in Zhao et al. 2021, Sec. 3.4.
        factor: how much larger than the box, see :meth:`BoxCrop.undistorted`.

    Raises:
        ConfigError: an invalid size or factor.
        AnnotationError: the first frame is annotated by boxes.
    """

    def __init__(self, size: tuple[int, int], factor: float = 5.0) -> None:
        self.crop = dict(size=tuple(size), factor=factor)
        check_crop(**self.crop)

    def transform(self, results: dict) -> dict | None:
        """See the class."""
        shown = np.flatnonzero((_masked(results, 'PackBoxClip') & results['visible']).all(0))
        if not shown.size:
            return None
        slot = np.random.choice(shown)
        frames = zip(results['boxes'][:, slot], results['imgs'], strict=True)
        return _pack(results, slot, [BoxCrop.undistorted(b, i.shape[:2], **self.crop) for b, i in frames])


def _masked(results: dict, transform: str) -> np.ndarray:
    """Whether each object has a mask in each frame, bool (T, N); at least one has in the first frame."""
    masked = results['supervision'] == Supervision.MASK
    if not masked[0].any():
        raise AnnotationError(
            f'video {results["video_name"]}, frame {results["frame_names"][0]}: no object with a mask; '
            f"{transform} needs masks. Train on data with masks, with supervision='mask'."
        )
    return masked


def _pack(results: dict, slot: int, crops: list[BoxCrop]) -> dict:
    """Crops of an object in the first frames of a clip, and their labels."""
    images = [crop.image(image) for crop, image in zip(crops, results['imgs'], strict=False)]
    masks = [single_object(id_mask, slot + 1) for id_mask in results['id_masks'][: len(crops)]]
    labels = [crop.labels(mask) for crop, mask in zip(crops, masks, strict=True)]
    sample = SegDataSample(
        metainfo=dict(
            video_name=results['video_name'],
            frame_name=results['frame_names'][0],
            object_id=results['object_ids'][slot],
            img_shape=crops[0].size,
        )
    )
    sample.gt_sem_seg = PixelData(data=torch.from_numpy(np.stack(labels).astype(np.int64)))
    return dict(inputs=torch.from_numpy(np.stack(images)), data_samples=sample)
