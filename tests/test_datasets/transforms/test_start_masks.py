"""A clip starts from what is known of its first frame."""

import pickle

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from small_data import TRAIN_PIPELINE, make_frames, make_masks
from torch import nn
from torch.utils.data import DataLoader

from vosplug.datasets import SyntheticVOS, VideoRecord
from vosplug.datasets.transforms import LoadClip, PackClip, StartMasks
from vosplug.errors import ConfigError
from vosplug.models.training import start_masks
from vosplug.registry import MODELS
from vosplug.structures import ArrayAnnotation, ArraySource, boxes_of_mask, fill_box, stack_fields

MASKS = make_masks(4, (9, 200))


def loaded(kind: str = 'mask', masks=MASKS, frames=(0, 2, 3)) -> dict:
    record = VideoRecord('vid', ArraySource(make_frames(MASKS)), ArrayAnnotation(masks))
    return LoadClip()(dict(record=record, frames=list(frames), object_ids=[9, 200], kind=kind))


def started(box_to_mask=None, **kwargs) -> np.ndarray:
    return StartMasks(box_to_mask)(loaded(**kwargs))['start_masks']


def test_masks_start_from_their_pixels_and_boxes_from_filled_boxes():
    masks, boxes = started(), started(kind='box')
    assert masks.dtype == boxes.dtype == np.float32
    for slot, i in enumerate((9, 200)):
        assert np.array_equal(masks[slot], MASKS[0] == i)
        assert np.array_equal(boxes[slot], fill_box(boxes_of_mask(MASKS[0])[i], (48, 64)))


def test_a_first_mask_needs_no_model():
    def fails(*args):
        raise AssertionError('asked')

    assert np.array_equal(started(fails, kind='first_mask'), started())


def test_the_model_sees_all_frames_and_the_boxes_known_of_those_it_is_asked_for():
    masks, asked = MASKS.copy(), []
    masks[2][masks[2] == 9] = 0  # object 9 is absent in the clip's second frame
    masks = [masks[0], masks[1], masks[2], None]

    def model(frames, t, boxes):
        asked.append((frames, t, boxes))
        return np.stack([np.full((48, 64), 0.25 * (n + 1)) for n in range(2)])

    out = started(model, kind='box', masks=masks)
    assert [np.unique(m).tolist() for m in out] == [[0.25], [0.5]] and out.dtype == np.float32
    (frames, t, boxes), *more = asked
    assert t == 0 and not more
    assert all(np.array_equal(a, make_frames(MASKS)[k]) for a, k in zip(frames, (0, 2, 3), strict=True))
    assert sorted(boxes) == [0, 1], 'nothing is known of a frame without annotation'
    assert boxes[0].dtype == np.float32 and boxes[0].tolist() == [
        b.tolist() for b in boxes_of_mask(masks[0]).values()
    ]
    assert np.isnan(boxes[1][0]).all() and boxes[1][1].tolist() == boxes_of_mask(masks[2])[200].tolist()


def test_an_object_that_is_not_in_the_first_frame_starts_from_nothing_and_is_not_asked_for():
    masks, counts = MASKS.copy(), []
    masks[0][masks[0] == 9] = 0

    def model(frames, t, boxes):
        counts.append(len(boxes[0]))
        return np.ones((1, 48, 64))

    out = started(model, kind='box', masks=masks)
    assert counts == [1] and not out[0].any() and out[1].all()
    left = loaded('mask')
    left['visible'][0, 1] = False  # as a crop that leaves less than a pixel of the box
    assert [m.any() for m in StartMasks()(left)['start_masks']] == [True, False]


@pytest.mark.parametrize('kind', ['mask', 'box', 'first_mask'])
def test_with_filled_boxes_it_gives_what_segmentors_make_of_the_packed_clip(kind):
    np.random.seed(1)
    packed = PackClip()(StartMasks()(loaded(kind)))
    targets = stack_fields([packed['data_samples']])
    made = targets.pop('start_masks')
    assert made.any() and torch.equal(made, start_masks(targets))


@MODELS.register_module()
class BrightBoxForTest(nn.Module):
    """In training it forgets everything."""

    def forward(self, frames, t, boxes):
        assert not torch.is_grad_enabled()
        inside = np.stack([fill_box(box, frames[t].shape[:2]) for box in boxes[t]])
        return np.float32(inside & (frames[t].max(-1) > 60)) * (not self.training)


def test_workers_run_a_model_named_in_the_config_and_geometry_moves_its_masks():
    steps = [TRAIN_PIPELINE[0], *TRAIN_PIPELINE[3:-1]]
    start = dict(type='StartMasks', box_to_mask=dict(type='BrightBoxForTest'))
    dataset = SyntheticVOS(4, 4, (48, 64), supervision='box', pipeline=[*steps, start, TRAIN_PIPELINE[-1]])
    batch = next(iter(DataLoader(dataset, 4, num_workers=1, collate_fn=pseudo_collate)))
    for clip, sample in zip(batch['inputs'], batch['data_samples'], strict=True):
        assert sample.start_masks.shape == (len(sample.object_ids), 32, 32)
        assert sample.start_masks.any() and set(sample.start_masks.unique().tolist()) <= {0, 1}
        dark = clip[0].amax(0) <= 60
        assert not sample.start_masks[:, dark].any()
    transform = StartMasks(dict(type='BrightBoxForTest'))
    again = pickle.loads(pickle.dumps(transform))
    assert np.array_equal(again(loaded('box'))['start_masks'], transform(loaded('box'))['start_masks'])


def test_masks_of_another_shape_are_an_error():
    with pytest.raises(
        ConfigError, match=r'box_to_mask: function returned masks of shape \(48, 64\), .*\(2, 48, 64\)'
    ):
        started(lambda frames, t, boxes: np.zeros((48, 64)), kind='box')
