"""Loading of sampled clips as arrays."""

import numpy as np
from mmcv.transforms import BaseTransform

from ...errors import AnnotationError
from ...registry import TRANSFORMS
from ...structures import Supervision
from ...structures.box_ops import VOID, in_image
from ..video_record import VideoRecord
from .moving import HIDDEN, HIDDEN_MASKS


@TRANSFORMS.register_module()
class LoadClip(BaseTransform):
    """Decode the frames of a clip and the annotations its supervision kind allows.

    Required keys: ``record``, ``frames``, ``object_ids``, ``kind``.

    Added keys:

    - ``imgs``: list of T uint8 (H, W, 3) BGR.
    - ``id_masks``: list of T uint8 (H, W), slot i of ``object_ids`` as i+1; all 0 under box supervision,
      all void in a frame without annotation.
    - ``boxes``: float32 (T, N, 4) xyxy.
    - ``visible``: bool (T, N); also False where a box lies outside the image.
    - ``supervision``: int64 (T, N) of :class:`~vosplug.structures.Supervision`; ``BOX`` where an
      object has a box but no mask, even with mask supervision; ``NONE`` in a frame without annotation.
    - ``annotated``: bool (T,).
    - ``video_name``, ``frame_names``: for error messages and metadata.
    - ``another``: function that returns another random sample in its state before a transform, or None.
    - under box supervision, masks of the annotation are kept only for geometric transforms, which derive
      tight boxes from them; they are not packed.
    """

    def transform(self, results: dict) -> dict:
        """See the class."""
        record, frames, ids = results['record'], results['frames'], results['object_ids']
        known = set(record.annotation.annotated_frames())
        annotated = np.array([t in known for t in frames])
        kinds = frame_kinds(results['kind'], annotated)
        imgs = [record.source[t] for t in frames]
        boxes = np.zeros((len(frames), len(ids), 4), np.float32)
        visible = np.zeros((len(frames), len(ids)), bool)
        masked = np.zeros_like(visible)
        id_masks, hidden_masks = [], []
        for k in np.flatnonzero(annotated):
            found = record.annotation.boxes(frames[k])
            for slot, object_id in enumerate(ids):
                if object_id in found and in_image(found[object_id], imgs[k].shape[:2]):
                    boxes[k, slot], visible[k, slot] = found[object_id], True
        for k, t in enumerate(frames):
            mask = self._slots(record, t, ids, kinds[k], imgs[k].shape[:2])
            masked[k] = np.isin(np.arange(1, len(ids) + 1), mask)
            hidden_masks.append(mask)
            id_masks.append(np.zeros_like(mask) if kinds[k] == Supervision.BOX else mask)
        supervision = np.repeat(np.array(kinds, np.int64)[:, None], len(ids), 1)
        supervision[(supervision == Supervision.MASK) & visible & ~masked] = Supervision.BOX
        loaded = dict(
            imgs=imgs,
            id_masks=id_masks,
            boxes=boxes,
            visible=visible,
            supervision=supervision,
            annotated=annotated,
            object_ids=list(ids),
            video_name=record.name,
            frame_names=[record.source.frame_names[t] for t in frames],
            another=results.get('another'),
        )
        if (masked & (supervision == Supervision.BOX)).any():
            loaded.update({HIDDEN_MASKS.name: hidden_masks, HIDDEN: masked})
        return loaded

    @staticmethod
    def _slots(
        record: VideoRecord, t: int, ids: list[int], kind: Supervision, size: tuple[int, int]
    ) -> np.ndarray:
        if kind == Supervision.NONE:
            return np.full(size, VOID, np.uint8)
        mask = record.annotation.mask(t)
        if mask is None and kind == Supervision.BOX:
            return np.zeros(size, np.uint8)
        if mask is None:
            raise AnnotationError(
                f'video {record.name}, frame {record.source.frame_names[t]}: no mask, but the dataset is '
                "trained with masks. Use supervision='box' for box annotations."
            )
        if mask.ndim != 2 or mask.dtype.kind not in 'iu':
            raise AnnotationError(
                f'video {record.name}, frame {record.source.frame_names[t]}: expected an id mask, uint8 (H, '
                f'W), found {mask.dtype} {mask.shape}.'
            )
        if mask.shape != size:
            raise AnnotationError(
                f'video {record.name}, frame {record.source.frame_names[t]}: the mask is {mask.shape[1]}x'
                f"{mask.shape[0]}, the frame {size[1]}x{size[0]}. Use annotations of the frames' own size."
            )
        table = np.zeros(256, np.uint8)
        table[ids] = np.arange(1, len(ids) + 1)
        table[VOID] = VOID
        return table[mask]


def frame_kinds(supervision: str, annotated: np.ndarray) -> list[Supervision]:
    """Supervision kind of each frame of a clip; see ``supervision`` of ``BaseVideoDataset``.

    Args:
        supervision: the dataset's.
        annotated: bool (T,); True in the first frame.
    """
    kinds = np.full(len(annotated), Supervision.MASK if supervision == 'mask' else Supervision.BOX)
    if supervision == 'first_mask':
        kinds[0] = Supervision.MASK
    return [Supervision(kind) for kind in np.where(annotated, kinds, Supervision.NONE)]
