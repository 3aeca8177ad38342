"""What training clips start from."""

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from small_videos import make_clip

from vosplug.models.training import start_masks, teacher_masks
from vosplug.models.training.start import fill_boxes
from vosplug.structures import fill_box, stack_fields


def start(*clips: dict, **extra: torch.Tensor) -> torch.Tensor:
    targets = stack_fields([clip['data_samples'] for clip in clips])
    return start_masks({**targets, **extra})


def test_a_clip_starts_from_masks_or_filled_boxes():
    started = start(make_clip('mask'), make_clip('box'))
    assert started.shape == (2, 2, 48, 64) and started.dtype == torch.float32
    # the squares fill their boxes, so both start alike; the later square covers the earlier one
    assert torch.equal(started[0], started[1]) and started.sum() > 0


def test_a_slot_that_is_not_valid_starts_empty():
    for kind in ('box', 'mask'):
        started = start(make_clip(kind, shown=[1]))
        assert not started[0, 0].any() and started[0, 1].any()


def test_what_the_pipeline_made_is_taken_but_for_slots_that_are_not_valid():
    made = torch.rand(1, 2, 48, 64)
    started = start(make_clip('box', shown=[1]), start_masks=made)
    assert torch.equal(started[0, 1], made[0, 1]) and not started[0, 0].any()


def test_a_teacher_has_the_annotated_masks_of_frames_drawn_at_random():
    torch.manual_seed(0)
    clips = [make_clip('mask', frames=40), make_clip('box', frames=40, shown=[1])]
    targets = stack_fields([clip['data_samples'] for clip in clips])
    assert teacher_masks(targets, 0) is None
    masks, chosen = teacher_masks(targets, 0.5)
    assert not chosen[1].any(), 'boxes are no masks'
    assert torch.equal(chosen[0, :, 0], chosen[0, :, 1]) and 10 < chosen[0, :, 0].sum() < 30
    for slot in (1, 2):
        assert torch.equal(masks[:, :, slot - 1], targets['id_masks'] == slot)
    assert teacher_masks(targets, 1)[1][0].all()


sides = st.floats(-4, 28, width=32) | st.sampled_from([0.0, 16.0, 24.0, np.nan, np.inf])


@given(st.lists(st.tuples(*[sides] * 4), min_size=1, max_size=8))
@example([(10.6, 5, 10.9, 40), (23.9, -1, 24.5, 0.2), (0, 0, 0, 0), (3, np.nan, 9, 9)])
def test_boxes_are_filled_as_everywhere(boxes):
    """Thin boxes, boxes at the border, and those that are none included."""
    boxes = np.float32(boxes)
    expected = np.stack([fill_box(box, (16, 24)) for box in boxes])
    assert np.array_equal(fill_boxes(torch.from_numpy(boxes), (16, 24)).numpy(), expected)
