"""What a training clip carries."""

from enum import IntEnum

from mmengine.structures import BaseDataElement


class Supervision(IntEnum):
    """What is known of one object in one frame."""

    NONE = 0
    BOX = 1
    MASK = 2


class VOSDataSample(BaseDataElement):
    """Annotations of one training clip of T frames and N objects.

    Losses read ``supervision``, so clips labelled by masks and by boxes mix freely in a batch.
    An object without mask supervision in a frame leaves no trace in ``id_masks``: its pixels there
    are void, so a box-supervised model cannot see a mask by accident.

    Data fields (torch tensors):
        id_masks: uint8 (T, H, W); 0 background, i+1 for object slot i, 255 void.
        boxes: float32 (T, N, 4) xyxy in pixels of the network input; zeros where not visible.
        visible: bool (T, N), the object is in the frame.
        supervision: int64 (T, N), values of :class:`Supervision`.
        valid: bool (N,), False for slots that only pad the batch to the same N.

    Meta fields: ``video_name``, ``frame_names``, ``object_ids`` (the dataset's own, per slot),
    ``img_shape`` (H, W) before padding.
    """
