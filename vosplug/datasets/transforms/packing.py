"""From arrays to what a model's forward takes."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ...structures import Supervision, VOSDataSample, fill_box
from ...structures.box_ops import VOID


@TRANSFORMS.register_module()
class PackClip(BaseTransform):
    """Pack a clip into ``inputs`` (uint8 (T, 3, H, W) BGR) and a :class:`VOSDataSample`.

    Inside the boxes of objects without mask supervision the id mask becomes void: what is in there is
    not known. Outside of all boxes it is background. An object that a crop cut out of the first frame cannot
    be started: its slot is not ``valid`` and its pixels become void.
    """

    def transform(self, results: dict) -> dict:
        """See the class."""
        images = np.stack([np.ascontiguousarray(i) for i in results['imgs']]).transpose(0, 3, 1, 2)
        id_masks = np.stack(results['id_masks'])
        unknown = results['visible'] & (results['supervision'] != Supervision.MASK)
        for k, slot in zip(*np.nonzero(unknown), strict=True):
            id_masks[k][fill_box(results['boxes'][k, slot], id_masks.shape[1:])] = VOID
        for slot in np.flatnonzero(~results['visible'][0]):
            id_masks[id_masks == slot + 1] = VOID
        sample = VOSDataSample(
            metainfo=dict(
                video_name=results['video_name'],
                frame_names=results['frame_names'],
                object_ids=results['object_ids'],
                img_shape=images.shape[2:],
            )
        )
        sample.set_data(
            dict(
                id_masks=torch.from_numpy(id_masks),
                boxes=torch.from_numpy(results['boxes'].astype(np.float32)),
                visible=torch.from_numpy(results['visible'].copy()),
                supervision=torch.from_numpy(results['supervision']),
                valid=torch.from_numpy(results['visible'][0].copy()),
            )
        )
        return dict(inputs=torch.from_numpy(np.ascontiguousarray(images)), data_samples=sample)
