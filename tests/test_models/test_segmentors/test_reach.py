"""What lies near the masks of the frame before."""

import numpy as np
import torch

from vosplug.models.segmentors.reach import tight_boxes, within_reach
from vosplug.structures import boxes_of_mask


def test_far_logits_are_those_of_background():
    masks = torch.zeros(1, 2, 20, 30)
    masks[0, 0, 8:12, 10:16] = 1  # 4x6: 3 pixels more on every side
    logits = torch.full_like(masks, 7.0)
    found = within_reach(logits, masks, 0.5)
    near = torch.zeros(20, 30, dtype=torch.bool)
    near[5:15, 7:19] = True
    assert torch.equal(found[0, 0] > 0, near) and (found[0, 0][~near] == -10).all()
    assert torch.equal(found[0, 1], logits[0, 1]), 'an object without a mask may be anywhere'
    assert torch.equal(within_reach(logits, masks, None), logits)


def test_tight_boxes_of_tensors_equal_those_of_id_masks():
    generator = np.random.default_rng(0)
    for _ in range(20):
        top, left, height, width = generator.integers(1, 12, 4)
        id_mask = np.zeros((24, 30), np.uint8)
        id_mask[top : top + height, left : left + width] = generator.integers(0, 2, (height, width))
        found = tight_boxes(torch.from_numpy(id_mask)[None].float())[0]
        assert found.tolist() == list(boxes_of_mask(id_mask).get(1, np.zeros(4)))
