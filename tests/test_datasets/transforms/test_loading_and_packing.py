"""What a clip carries is what its supervision allows, and nothing more."""

import numpy as np
import pytest
import torch
from small_data import TRAIN_PIPELINE, make_frames, make_masks

from vosplug.datasets import VideoRecord
from vosplug.datasets.formats import YTVISAnnotation
from vosplug.datasets.transforms import LoadClip, PackClip
from vosplug.errors import AnnotationError
from vosplug.registry import TRANSFORMS
from vosplug.structures import ArrayAnnotation, ArraySource, Supervision, boxes_of_mask

MASKS = make_masks(4, (9, 200))


def clip(masks=MASKS, kind='mask', ids=(9, 200), frames=(0, 2)) -> dict:
    record = VideoRecord('vid', ArraySource(make_frames(MASKS)), ArrayAnnotation(masks))
    return dict(record=record, frames=list(frames), object_ids=list(ids), kind=kind)


def pack(**kwargs):
    return PackClip()(LoadClip()(clip(**kwargs)))


def run(pipeline, seed, **kwargs):
    np.random.seed(seed)
    results = clip(**kwargs)
    for cfg in pipeline:
        results = TRANSFORMS.build(cfg)(results)
    return results


def test_frames_masks_and_boxes_are_those_of_the_clip():
    packed = pack()
    inputs, sample = packed['inputs'], packed['data_samples']
    assert inputs.shape == (2, 3, 48, 64) and inputs.dtype == torch.uint8
    assert np.array_equal(inputs[1].permute(1, 2, 0), make_frames(MASKS)[2])
    expected = np.select([MASKS[2] == 9, MASKS[2] == 200], [1, 2])
    assert np.array_equal(sample.id_masks[1], expected) and sample.id_masks.dtype == torch.uint8
    tight = boxes_of_mask(MASKS[2])
    assert sample.boxes[1].tolist() == [tight[9].tolist(), tight[200].tolist()]
    assert sample.visible.all() and sample.valid.tolist() == [True, True]
    assert (sample.supervision == Supervision.MASK).all() and sample.supervision.dtype == torch.int64
    assert sample.object_ids == [9, 200] and sample.frame_names == ['00000', '00002']
    assert sample.video_name == 'vid' and tuple(sample.img_shape) == (48, 64)


def test_objects_left_out_are_background_and_void_stays():
    masks = MASKS.copy()
    masks[:, 0] = 255
    found = pack(masks=masks, ids=(200,))['data_samples'].id_masks
    assert torch.equal(found == 1, torch.from_numpy(masks[[0, 2]] == 200))
    assert (found[:, 0] == 255).all() and (found == 255).sum() == 2 * 64


def test_box_supervision_leaves_void_boxes_on_background():
    sample = pack(kind='box')['data_samples']
    expected = np.zeros((2, 48, 64), np.uint8)
    for k, t in enumerate((0, 2)):
        for x1, y1, x2, y2 in (box.astype(int) for box in boxes_of_mask(MASKS[t]).values()):
            expected[k, y1:y2, x1:x2] = 255
    assert np.array_equal(sample.id_masks, expected)
    assert (sample.supervision == Supervision.BOX).all() and sample.valid.all()


def test_a_first_mask_is_the_only_one_in_the_clip():
    sample = pack(kind='first_mask', frames=(2, 0, 3))['data_samples']
    masks, boxes = (pack(kind=k, frames=(2, 0, 3))['data_samples'].id_masks for k in ('mask', 'box'))
    assert sample.supervision.tolist() == [[2, 2], [1, 1], [1, 1]]
    assert torch.equal(sample.id_masks[0], masks[0]) and torch.equal(sample.id_masks[1:], boxes[1:])


def test_any_mask_is_one_mask_in_a_random_frame():
    np.random.seed(0)
    where = []
    for _ in range(60):
        sample = pack(kind='any_mask', frames=(2, 0, 3))['data_samples']
        masked = (sample.supervision == Supervision.MASK).all(1)
        assert masked.sum() == 1 and (sample.supervision[~masked] == Supervision.BOX).all()
        assert set(sample.id_masks[~masked].unique().tolist()) == {0, 255}
        assert set(sample.id_masks[masked].unique().tolist()) == {0, 1, 2}
        where.append(int(masked.nonzero()))
    assert all(where.count(k) > 10 for k in range(3))


def test_a_first_mask_stays_the_only_one_through_a_pipeline():
    sample = run(TRAIN_PIPELINE, 1, kind='first_mask')['data_samples']
    assert sample.supervision[:, 0].tolist() == [2, 1]
    tight = boxes_of_mask(sample.id_masks[0].numpy())
    for slot in sample.visible[0].nonzero().ravel().tolist():
        assert sample.boxes[0, slot].tolist() == tight[slot + 1].tolist()
    assert set(sample.id_masks[1].unique().tolist()) <= {0, 255}


@pytest.mark.parametrize('pipeline', [[dict(type='LoadClip'), dict(type='PackClip')], TRAIN_PIPELINE])
@pytest.mark.parametrize('seed', range(5))
def test_box_supervision_cannot_see_masks(pipeline, seed):
    frames, filled = np.zeros_like(MASKS), np.zeros_like(MASKS)
    for t, mask in enumerate(MASKS):
        for object_id, (x1, y1, x2, y2) in boxes_of_mask(mask).items():
            x1, y1, x2, y2 = int(x1), int(y1), int(x2), int(y2)
            filled[t, y1:y2, x1:x2] = object_id
            # another mask of the same box: its frame
            frames[t, y1:y2, x1:x2] = object_id
            frames[t, y1 + 1 : y2 - 1, x1 + 1 : x2 - 1] = 0
    first, second = (run(pipeline, seed, masks=m, kind='box') for m in (filled, frames))
    assert not np.array_equal(filled, frames)
    assert torch.equal(first['inputs'], second['inputs'])
    for key in ('id_masks', 'boxes', 'visible', 'supervision', 'valid'):
        assert torch.equal(first['data_samples'].get(key), second['data_samples'].get(key)), key
    assert set(first['data_samples'].id_masks.unique().tolist()) <= {0, 255}
    assert not torch.equal(
        run(pipeline, seed, masks=filled)['data_samples'].id_masks,
        run(pipeline, seed, masks=frames)['data_samples'].id_masks,
    ), 'the masks do differ'


def test_an_object_absent_from_the_first_frame_has_no_slot_and_no_label():
    masks = MASKS.copy()
    masks[0][masks[0] == 9] = 0
    sample = pack(masks=masks)['data_samples']
    assert sample.valid.tolist() == [False, True] and sample.visible.tolist() == [[False, True], [True, True]]
    assert torch.equal(sample.id_masks[1] == 255, torch.from_numpy(masks[2] == 9))


def test_a_frame_without_a_mask_is_an_error_of_mask_supervision():
    with pytest.raises(AnnotationError, match=r"video vid, frame 00002: no mask.*supervision='box'"):
        pack(masks=[MASKS[0], MASKS[1], None, MASKS[3]])


def test_a_mask_of_another_size_is_an_error():
    with pytest.raises(AnnotationError, match='video vid, frame 00000: the mask is 32x24, the frame 64x48'):
        pack(masks=make_masks(4, (9, 200), (24, 32)))


def test_an_object_with_only_a_box_is_box_supervised_among_masks():
    height, width = MASKS.shape[1:]
    polygon = [[2, 2, 12, 2, 12, 12, 2, 12]]
    tracks = [dict(segmentations=[polygon] * 4), dict(bboxes=[[30, 20, 10, 8]] * 4)]
    data = clip(ids=(1, 2))
    data['record'].annotation = YTVISAnnotation(tracks, (height, width), 4, 'a.json')
    sample = PackClip()(LoadClip()(data))['data_samples']
    assert sample.supervision.tolist() == [[2, 1], [2, 1]]
    assert (sample.id_masks[0] == 1).sum() == 100 and (sample.id_masks[0] == 255).sum() == 80


def test_the_training_pipeline_gives_a_contiguous_clip_of_the_crop_size():
    packed = run(TRAIN_PIPELINE, 3)
    assert packed['inputs'].shape == (2, 3, 32, 32) and packed['inputs'].is_contiguous()
    assert packed['data_samples'].id_masks.shape == (2, 32, 32)
