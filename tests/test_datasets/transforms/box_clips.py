"""Clips of boxes as transforms take them, and what must hold after a transform."""

import numpy as np
from hypothesis import strategies as st

from vosplug.structures import Supervision, boxes_of_mask, fill_box

SIZE = (30, 44)
IDS = 2


@st.composite
def clips(draw, kind: Supervision | None = None) -> dict:
    """A loaded clip of boxes; a pixel of the image is its mask's id times 50."""
    kind = kind or draw(st.sampled_from([Supervision.MASK, Supervision.BOX]))
    masks = np.zeros((2, *SIZE), np.uint8)
    boxes, visible = np.zeros((2, IDS, 4), np.float32), np.zeros((2, IDS), bool)
    for k in range(2):
        for slot in range(IDS):
            x1, y1 = draw(st.integers(0, SIZE[1] - 8)), draw(st.integers(0, SIZE[0] - 8))
            box = [x1, y1, draw(st.integers(x1 + 6, SIZE[1])), draw(st.integers(y1 + 6, SIZE[0]))]
            masks[k][fill_box(box, SIZE)] = slot + 1
        for object_id, box in boxes_of_mask(masks[k]).items():
            boxes[k, object_id - 1], visible[k, object_id - 1] = box, True
    return dict(
        imgs=[np.repeat(m[..., None] * 50, 3, 2) for m in masks],
        id_masks=list(masks),
        boxes=boxes,
        visible=visible,
        supervision=np.full((2, IDS), int(kind), np.int64),
    )


def check_consistent(results: dict, size: tuple[int, int] | None = None) -> None:
    """Shapes agree, boxes lie inside, what is not visible is zero."""
    height, width = size or results['imgs'][0].shape[:2]
    assert all(i.shape == (height, width, 3) for i in results['imgs'])
    assert all(m.shape == (height, width) and m.dtype == np.uint8 for m in results['id_masks'])
    boxes, visible = results['boxes'], results['visible']
    assert boxes.dtype == np.float32 and not boxes[~visible].any()
    assert (boxes >= 0).all() and (boxes <= [width, height, width, height]).all()
    assert (boxes[visible][:, 2:] - boxes[visible][:, :2] >= 1).all()


def check_tight(results: dict) -> None:
    """Every box is the tight box of its mask, and there is none without a mask."""
    for mask, boxes, visible in zip(results['id_masks'], results['boxes'], results['visible'], strict=True):
        tight = boxes_of_mask(mask)
        assert [slot + 1 for slot in np.flatnonzero(visible)] == sorted(tight)
        for object_id, box in tight.items():
            assert boxes[object_id - 1].tolist() == box.tolist()


def check_images_follow(results: dict) -> None:
    for image, mask in zip(results['imgs'], results['id_masks'], strict=True):
        known = mask < 255
        assert np.array_equal(image[known], np.repeat(mask[known][:, None] * 50, 3, 1))


def where_from(length: int) -> list[np.ndarray]:
    """Frames whose pixels say where they are, as row and column."""
    place = np.stack(np.meshgrid(*map(np.arange, SIZE), [0], indexing='ij'), -1)[:, :, 0]
    return [place.astype(np.uint8)] * length
