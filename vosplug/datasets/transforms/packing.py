"""Packing of clips into model inputs."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ...structures import Supervision, VOSDataSample, clip_fields, fill_box
from ...structures.box_ops import VOID


@TRANSFORMS.register_module()
class PackClip(BaseTransform):
    """Pack a clip into ``inputs`` (uint8 (T, 3, H, W) BGR) and a :class:`VOSDataSample`.

    The sample gets every registered field (:class:`~vosplug.structures.ClipField`) that the clip has. Inside
    the boxes of objects without mask supervision the id mask becomes void, since their pixels are unlabelled;
    outside all boxes it is background. An object that a crop removed from the first frame cannot be
    initialized: its slot is not ``valid`` and its pixels become void.

    Raises:
        ConfigError: a field's axes differ from its registration.
    """

    def transform(self, results: dict) -> dict:
        """See the class."""
        images = np.stack([np.ascontiguousarray(i) for i in results['imgs']]).transpose(0, 3, 1, 2)
        visible = results['visible']
        packed = {**results, 'id_masks': self._id_masks(results), 'valid': visible[0]}
        sizes = dict(T=len(images), N=visible.shape[1], H=images.shape[2], W=images.shape[3], xyxy=4)
        sample = VOSDataSample(
            metainfo=dict(
                video_name=results['video_name'],
                frame_names=results['frame_names'],
                object_ids=results['object_ids'],
                img_shape=images.shape[2:],
            )
        )
        for field in clip_fields(packed):
            array = np.array(packed[field.name], field.dtype)
            field.check_shape(array.shape, sizes)
            sample.set_data({field.name: torch.from_numpy(array)})
        return dict(inputs=torch.from_numpy(np.ascontiguousarray(images)), data_samples=sample)

    @staticmethod
    def _id_masks(results: dict) -> np.ndarray:
        id_masks = np.stack(results['id_masks'])
        unknown = results['visible'] & (results['supervision'] != Supervision.MASK)
        for k, slot in zip(*np.nonzero(unknown), strict=True):
            id_masks[k][fill_box(results['boxes'][k, slot], id_masks.shape[1:])] = VOID
        for slot in np.flatnonzero(~results['visible'][0]):
            id_masks[id_masks == slot + 1] = VOID
        return id_masks
