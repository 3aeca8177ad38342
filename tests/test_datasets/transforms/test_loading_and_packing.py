"""What a clip carries is what its supervision allows, and nothing more."""

import numpy as np
import pytest
import torch
from small_data import TRAIN_PIPELINE, make_frames, make_masks

from vosplug.datasets import VideoRecord
from vosplug.datasets.transforms import LoadClip, PackClip
from vosplug.datasets.transforms.geometry import crop_clip
from vosplug.errors import AnnotationError
from vosplug.formats import YTVISAnnotation
from vosplug.formats.ytvis_json import YTVISTrack
from vosplug.registry import TRANSFORMS
from vosplug.structures import ArrayAnnotation, ArraySource, Supervision, boxes_of_mask, fill_box

MASKS = make_masks(4, (9, 200))
FIELDS = {'id_masks', 'boxes', 'visible', 'supervision', 'annotated', 'valid'}


def clip(masks=MASKS, kind='mask', ids=(9, 200), frames=(0, 2), images=None) -> dict:
    record = VideoRecord('vid', ArraySource(images or make_frames(MASKS)), ArrayAnnotation(masks))
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


def test_a_first_mask_stays_the_only_one_through_a_pipeline():
    sample = run(TRAIN_PIPELINE, 1, kind='first_mask')['data_samples']
    assert sample.supervision[:, 0].tolist() == [2, 1]
    tight = boxes_of_mask(sample.id_masks[0].numpy())
    for slot in sample.visible[0].nonzero().ravel().tolist():
        assert sample.boxes[0, slot].tolist() == tight[slot + 1].tolist()
    assert set(sample.id_masks[1].unique().tolist()) <= {0, 255}


# a transform that neither turns nor cuts moves boxes as boxes
KEEPING = [dict(type='LoadClip'), dict(type='ClipResize', size=(36, 80)), dict(type='ClipRandomFlip')]
TURNING = [*KEEPING, dict(type='ClipRandomAffine', shift=0.3)]


@pytest.mark.parametrize('pipeline', [KEEPING[:1], KEEPING])
@pytest.mark.parametrize('seed', range(3))
def test_box_supervision_cannot_see_masks(pipeline, seed):
    frames, filled = np.zeros_like(MASKS), np.zeros_like(MASKS)
    for t, mask in enumerate(MASKS):
        for object_id, (x1, y1, x2, y2) in boxes_of_mask(mask).items():
            x1, y1, x2, y2 = int(x1), int(y1), int(x2), int(y2)
            filled[t, y1:y2, x1:x2] = object_id
            # another mask of the same box: its frame
            frames[t, y1:y2, x1:x2] = object_id
            frames[t, y1 + 1 : y2 - 1, x1 + 1 : x2 - 1] = 0
    pipeline = [*pipeline, dict(type='PackClip')]
    first, second = (run(pipeline, seed, masks=m, kind='box') for m in (filled, frames))
    assert not np.array_equal(filled, frames)
    assert torch.equal(first['inputs'], second['inputs'])
    assert set(first['data_samples'].keys()) == FIELDS
    for key in FIELDS:
        assert torch.equal(first['data_samples'].get(key), second['data_samples'].get(key)), key
    assert set(first['data_samples'].id_masks.unique().tolist()) <= {0, 255}
    assert not torch.equal(
        run(pipeline, seed, masks=filled)['data_samples'].id_masks,
        run(pipeline, seed, masks=frames)['data_samples'].id_masks,
    ), 'the masks do differ'


@pytest.mark.parametrize('seed', range(8))
def test_of_masks_that_tighten_boxes_only_the_boxes_are_left(seed):
    pipeline = [*TURNING, dict(type='PackClip')]
    boxed, masked, empty = (
        run(pipeline, seed, masks=m, kind=kind)['data_samples']
        for m, kind in ((MASKS, 'box'), (MASKS, 'mask'), ([0 * MASKS[0]] * 4, 'mask'))
    )
    assert set(boxed.keys()) == FIELDS and (boxed.supervision == Supervision.BOX).all()
    # the border's void, and the boxes filled: nothing else depends on the masks
    expected = empty.id_masks.numpy().copy()
    for k, slot in np.argwhere(boxed.visible.numpy()):
        expected[k][fill_box(boxed.boxes[k, slot], expected.shape[1:])] = 255
    assert np.array_equal(boxed.id_masks, expected)
    assert boxed.boxes.equal(masked.boxes) and boxed.visible.equal(masked.visible)


def test_boxes_without_masks_are_turned_as_hulls_around_those_with_masks():
    class Boxes(ArrayAnnotation):
        def boxes(self, t):
            return boxes_of_mask(MASKS[t])

    tight = run([*TURNING, dict(type='PackClip')], 3, kind='box')['data_samples']
    data = clip(kind='box')
    data['record'].annotation = Boxes([None] * 4)
    data['record'].annotation.annotated_frames = lambda: list(range(4))
    np.random.seed(3)
    for step in [*TURNING, dict(type='PackClip')]:
        data = TRANSFORMS.build(step)(data)
    hull = data['data_samples']
    assert (hull.boxes[..., :2] <= tight.boxes[..., :2] + 1).all()
    assert (hull.boxes[..., 2:] >= tight.boxes[..., 2:] - 1).all()
    area = [(s.boxes[..., 2:] - s.boxes[..., :2]).prod(-1).sum() for s in (hull, tight)]
    assert area[0] > 1.1 * area[1]


def test_a_box_that_a_crop_does_not_cut_is_only_shifted_and_one_that_it_cuts_is_taken_from_the_mask():
    masks = np.zeros((1, 30, 40), np.uint8)
    masks[0, 4:8, 2:9] = 9
    masks[0, 12:20, 10:12] = masks[0, 18:20, 10:38] = 200  # an L
    data = LoadClip()(clip(masks=masks, frames=(0,), kind='box', images=make_frames(masks)))
    data['boxes'][0, 0] += 0.25
    cropped = crop_clip(data, np.array([[1, 1]]), (16, 30))
    # of the L only its upright is left
    assert cropped['boxes'][0].tolist() == [[1.25, 3.25, 8.25, 7.25], [9, 11, 11, 16]]
    assert not any(mask.any() for mask in cropped['id_masks'])


def test_frames_without_annotation_are_void_and_supervise_nothing():
    masks = [MASKS[0], None, MASKS[2], None]
    for kind in ('mask', 'box', 'first_mask'):
        np.random.seed(0)
        sample = pack(masks=masks, frames=(0, 1, 2, 3), kind=kind)['data_samples']
        assert (
            sample.annotated.tolist() == [True, False, True, False] and sample.annotated.dtype == torch.bool
        )
        assert (sample.id_masks[[1, 3]] == 255).all() and not sample.boxes[[1, 3]].any()
        assert not sample.visible[[1, 3]].any() and sample.visible[[0, 2]].all()
        assert (sample.supervision[[1, 3]] == Supervision.NONE).all()
        assert (sample.supervision[[0, 2]] != Supervision.NONE).all()
        through = run(TRAIN_PIPELINE, 0, masks=masks, frames=(0, 1, 2, 3), kind=kind)['data_samples']
        assert (through.id_masks[1] == 255).all() and not through.visible[1].any()


def test_an_object_absent_from_the_first_frame_has_no_slot_and_no_label():
    masks = MASKS.copy()
    masks[0][masks[0] == 9] = 0
    sample = pack(masks=masks)['data_samples']
    assert sample.valid.tolist() == [False, True] and sample.visible.tolist() == [[False, True], [True, True]]
    assert torch.equal(sample.id_masks[1] == 255, torch.from_numpy(masks[2] == 9))


def test_a_frame_without_a_mask_is_an_error_of_mask_supervision():
    data = clip(masks=[MASKS[0], MASKS[1], None, MASKS[3]])
    data['record'].annotation.annotated_frames = lambda: [0, 2]
    with pytest.raises(AnnotationError, match=r"video vid, frame 00002: no mask.*supervision='box'"):
        LoadClip()(data)


def test_a_mask_of_another_size_is_an_error():
    with pytest.raises(AnnotationError, match='video vid, frame 00000: the mask is 32x24, the frame 64x48'):
        pack(masks=make_masks(4, (9, 200), (24, 32)))


def test_an_object_with_only_a_box_is_box_supervised_among_masks():
    height, width = MASKS.shape[1:]
    polygon = [[2, 2, 12, 2, 12, 12, 2, 12]]
    tracks = [
        YTVISTrack(1, segmentations=[polygon] * 4),
        YTVISTrack(1, bboxes=[(30, 20, 10, 8)] * 4),
    ]
    data = clip(ids=(1, 2))
    data['record'].annotation = YTVISAnnotation(tracks, (height, width), 4, 'a.json')
    sample = PackClip()(LoadClip()(data))['data_samples']
    assert sample.supervision.tolist() == [[2, 1], [2, 1]]
    assert (sample.id_masks[0] == 1).sum() == 100 and (sample.id_masks[0] == 255).sum() == 80


def test_the_training_pipeline_gives_a_contiguous_clip_of_the_crop_size():
    packed = run(TRAIN_PIPELINE, 3)
    assert packed['inputs'].shape == (2, 3, 32, 32) and packed['inputs'].is_contiguous()
    assert packed['data_samples'].id_masks.shape == (2, 32, 32)
