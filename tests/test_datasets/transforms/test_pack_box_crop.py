"""What a box-to-mask network is trained on."""

import numpy as np
import pytest

from vosplug.datasets.transforms import PackBoxCrop
from vosplug.errors import AnnotationError
from vosplug.structures import Supervision


def frame(kind: Supervision = Supervision.MASK, visible: bool = True) -> dict:
    """A frame of 20x30 with one object in columns 10 to 20, and void below it."""
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 10:20], mask[15:] = 1, 255
    return dict(
        imgs=[np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)],
        id_masks=[mask],
        boxes=np.float32([[[10, 5, 20, 15]]]),
        visible=np.full((1, 1), visible),
        supervision=np.full((1, 1), int(kind)),
        object_ids=[7],
        video_name='bear',
        frame_names=['00003'],
    )


def test_the_object_is_1_void_255_and_the_rest_0():
    packed = PackBoxCrop(size=(18, 18), margin=4)(frame())
    labels = packed['data_samples'].gt_sem_seg.data.numpy()[0]
    assert packed['inputs'].shape == (4, 18, 18) and packed['inputs'].dtype.is_floating_point is False
    assert labels.shape == (18, 18)
    # the window is 6..24 by 1..19, its own size
    assert (labels[4:14, 4:14] == 1).all() and (labels[14:] == 255).all() and (labels[:4] == 0).all()
    assert packed['data_samples'].object_id == 7


def test_jitter_moves_the_box_by_its_share_at_most():
    np.random.seed(0)
    pack, fixed = PackBoxCrop((18, 18), margin=4, jitter=0.2), np.float32([10, 5, 20, 15])
    moved = np.array([pack._moved(fixed, (20, 30)) for _ in range(100)])
    assert 1.5 < np.abs(moved - fixed).max() <= 2
    assert len(np.unique(moved[:, 0])) > 50


def test_a_frame_out_of_which_the_object_moved_is_drawn_again():
    assert PackBoxCrop((18, 18), margin=4)(frame(visible=False)) is None


def test_frames_annotated_by_boxes_are_refused():
    with pytest.raises(AnnotationError, match=r"bear, frame 00003.*supervision='mask'"):
        PackBoxCrop((18, 18), margin=4)(frame(Supervision.BOX))
