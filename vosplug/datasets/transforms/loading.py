"""From a sampled clip to arrays."""

import numpy as np
from mmcv.transforms import BaseTransform

from ...errors import AnnotationError
from ...registry import TRANSFORMS
from ...structures import Supervision
from ..base_video_dataset import VideoRecord


@TRANSFORMS.register_module()
class LoadClip(BaseTransform):
    """Decode the frames of a clip and the annotations its supervision kind allows.

    Required keys: ``record``, ``frames``, ``object_ids``, ``kind``.

    Added keys:

    - ``imgs``: list of T uint8 (H, W, 3) BGR.
    - ``id_masks``: list of T uint8 (H, W), slot i of ``object_ids`` as i+1; all 0 where boxes supervise.
    - ``boxes``: float32 (T, N, 4) xyxy.
    - ``visible``: bool (T, N).
    - ``supervision``: int64 (T, N) of :class:`~vosplug.structures.Supervision`; where an object has a box but
      no mask, ``BOX`` even in training from masks.
    - ``video_name``, ``frame_names``: for error messages and metadata.
    """

    def transform(self, results: dict) -> dict:
        """See the class."""
        record, frames, ids = results['record'], results['frames'], results['object_ids']
        kinds = frame_kinds(results['kind'], len(frames))
        imgs = [record.source[t] for t in frames]
        boxes = np.zeros((len(frames), len(ids), 4), np.float32)
        visible = np.zeros((len(frames), len(ids)), bool)
        supervision = np.repeat(np.array(kinds, np.int64)[:, None], len(ids), 1)
        id_masks = []
        for k, t in enumerate(frames):
            found = record.annotation.boxes(t)
            for slot, object_id in enumerate(ids):
                if object_id in found:
                    boxes[k, slot], visible[k, slot] = found[object_id], True
            id_masks.append(self._slots(record, t, ids, kinds[k], imgs[k].shape[:2]))
            masked = np.isin(np.arange(1, len(ids) + 1), id_masks[k])
            supervision[k, visible[k] & ~masked] = Supervision.BOX
        return dict(
            imgs=imgs,
            id_masks=id_masks,
            boxes=boxes,
            visible=visible,
            supervision=supervision,
            object_ids=list(ids),
            video_name=record.name,
            frame_names=[record.source.frame_names[t] for t in frames],
        )

    @staticmethod
    def _slots(
        record: VideoRecord, t: int, ids: list[int], kind: Supervision, size: tuple[int, int]
    ) -> np.ndarray:
        if kind != Supervision.MASK:
            return np.zeros(size, np.uint8)
        mask = record.annotation.mask(t)
        if mask is None:
            raise AnnotationError(
                f'video {record.name}, frame {record.source.frame_names[t]}: no mask, but the dataset is '
                "trained with masks. Use supervision='box' for box annotations."
            )
        if mask.shape != size:
            raise AnnotationError(
                f'video {record.name}, frame {record.source.frame_names[t]}: the mask is {mask.shape[1]}x'
                f"{mask.shape[0]}, the frame {size[1]}x{size[0]}. Use annotations of the frames' own size."
            )
        table = np.zeros(256, np.uint8)
        table[ids] = np.arange(1, len(ids) + 1)
        table[255] = 255
        return table[mask]


def frame_kinds(supervision: str, length: int) -> list[Supervision]:
    """How each frame of a clip is supervised; see ``supervision`` of ``BaseVideoDataset``."""
    if supervision == 'mask':
        return [Supervision.MASK] * length
    kinds = [Supervision.BOX] * length
    if supervision != 'box':
        kinds[0 if supervision == 'first_mask' else np.random.randint(length)] = Supervision.MASK
    return kinds
