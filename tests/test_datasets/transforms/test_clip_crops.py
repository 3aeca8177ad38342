"""Windows hold an object, and images, masks and boxes are cut alike."""

import numpy as np
import pytest
from box_clips import SIZE, check_consistent, check_images_follow, check_tight, clips, where_from
from hypothesis import given
from hypothesis import strategies as st

from vosplug.datasets.transforms import ClipCropToObject, ClipRandomCrop, ClipRandomResizedCrop
from vosplug.errors import ConfigError
from vosplug.structures import BoxCrop, Supervision


@given(clips(), st.integers(5, 60), st.integers(5, 60), st.integers(0, 999))
def test_a_crop_moves_boxes_with_masks(results, height, width, seed):
    np.random.seed(seed)
    before = int((results['id_masks'][0] > 0).sum())
    cropped = ClipRandomCrop((height, width))(results)
    check_consistent(cropped, (height, width))
    check_images_follow(cropped)
    shown = [m[: SIZE[0], : SIZE[1]] for m in cropped['id_masks']]
    assert all((m < 255).all() for m in shown) and (shown[0] > 0).sum() <= before
    padded = np.ones((height, width), bool)
    padded[: SIZE[0], : SIZE[1]] = False
    for image, mask in zip(cropped['imgs'], cropped['id_masks'], strict=True):
        assert (mask[padded] == 255).all() and not image[padded].any()
    if (results['supervision'] == Supervision.MASK).all():
        check_tight(cropped)


@given(clips(Supervision.BOX), st.integers(5, 30), st.integers(5, 44), st.integers(0, 999))
def test_a_cropped_box_is_the_window_on_the_box(results, height, width, seed):
    np.random.seed(seed)
    old, images = results['boxes'].copy(), results['imgs']
    where = np.stack(np.meshgrid(*map(np.arange, SIZE), [0], indexing='ij'), -1)[:, :, 0].astype(np.uint8)
    results['imgs'] = [where, images[1]]
    cropped = ClipRandomCrop((height, width))(results)
    top, left = (int(v) for v in cropped['imgs'][0][0, 0, :2])
    expected = np.clip(old - [left, top, left, top], 0, [width, height, width, height])
    thin = (expected[..., 2:] - expected[..., :2] < 1).any(-1)
    assert np.array_equal(cropped['visible'], ~thin & (old[..., 2] > 0))
    assert np.array_equal(cropped['boxes'][cropped['visible']], expected[cropped['visible']])


@given(clips(), st.integers(0, 999))
def test_a_crop_holds_the_centre_of_an_object(results, seed):
    np.random.seed(seed)
    old = results['boxes'][0, results['visible'][0]].copy()
    results['imgs'][0] = np.stack(np.meshgrid(*map(np.arange, SIZE), [0], indexing='ij'), -1)[:, :, 0].astype(
        np.uint8
    )
    top, left = (int(v) for v in ClipRandomCrop((6, 7))(results)['imgs'][0][0, 0, :2])
    x, y = (old[:, 0] + old[:, 2]) / 2, (old[:, 1] + old[:, 3]) / 2
    assert ((left <= x) & (x <= left + 7) & (top <= y) & (y <= top + 6)).any()


@given(clips(), st.integers(0, 999))
def test_a_resized_crop_moves_boxes_with_masks(results, seed):
    np.random.seed(seed)
    cropped = ClipRandomResizedCrop((33, 21))(results)
    check_consistent(cropped, (33, 21))
    if (results['supervision'] == Supervision.MASK).all():
        check_tight(cropped)


@given(clips(Supervision.BOX), st.integers(0, 999))
def test_a_resized_crop_is_one_window_of_the_asked_area_and_shape_on_an_object(results, seed):
    np.random.seed(seed)
    boxes, shown = results['boxes'].copy(), results['visible'].copy()
    top, left, height, width = ClipRandomResizedCrop((8, 8), scale=(0.1, 0.4), tries=1000)._window(results)
    assert 0 <= top <= SIZE[0] - height and 0 <= left <= SIZE[1] - width
    # rounding to pixels moves both a little
    assert 0.08 <= height * width / (SIZE[0] * SIZE[1]) <= 0.43 and 0.68 <= width / height <= 1.46
    inside = np.minimum(boxes[0, :, 2:], [left + width, top + height]) - np.maximum(
        boxes[0, :, :2], [left, top]
    )
    assert not shown[0].any() or (inside[shown[0]] >= 1).all(1).any()


def test_all_frames_of_a_resized_crop_show_the_same_window():
    np.random.seed(0)
    corners = set()
    for _ in range(20):
        results = dict(
            imgs=where_from(3),
            id_masks=[np.zeros(SIZE, np.uint8)] * 3,
            boxes=np.zeros((3, 0, 4), np.float32),
            visible=np.zeros((3, 0), bool),
            supervision=np.zeros((3, 0), np.int64),
        )
        images = ClipRandomResizedCrop((12, 12))(results)['imgs']
        assert all(np.array_equal(images[0], image) for image in images)
        corners.add(tuple(images[0][0, 0]))
    assert len(corners) > 10


def test_a_wide_window_is_wide():
    np.random.seed(0)
    results = dict(imgs=where_from(1), boxes=np.zeros((1, 0, 4)), visible=np.zeros((1, 0), bool))
    crop = ClipRandomResizedCrop((8, 8), scale=(0.2, 0.4), ratio=(1.5, 1.9), tries=1000)
    for _ in range(20):
        _, _, height, width = crop._window(results)
        assert 1.35 <= width / height <= 2.05


def test_a_window_that_never_fits_becomes_the_largest_central_one():
    results = dict(imgs=where_from(1), boxes=np.zeros((1, 0, 4)), visible=np.zeros((1, 0), bool))
    crop = ClipRandomResizedCrop((8, 8), scale=(1, 1), ratio=(0.5, 1.0))
    assert crop._window(results) == (0, 7, 30, 30)
    tall = dict(imgs=[np.zeros((90, 30, 3))], boxes=results['boxes'], visible=results['visible'])
    assert crop._window(tall) == (15, 0, 60, 30)


def test_windows_of_single_frames_hold_the_centre_of_an_object_there():
    np.random.seed(0)
    boxes = np.float32([[[2, 2, 8, 8]], [[30, 20, 40, 28]], [[0, 0, 0, 0]]])
    for _ in range(30):
        results = dict(
            imgs=where_from(3),
            id_masks=[np.zeros(SIZE, np.uint8)] * 3,
            boxes=boxes.copy(),
            visible=np.array([[True], [True], [False]]),
            supervision=np.full((3, 1), int(Supervision.BOX)),
        )
        cropped = ClipRandomCrop((10, 10), same_for_clip=False)(results)
        for k, (x, y) in enumerate([(5, 5), (35, 24)]):
            top, left = (int(v) for v in cropped['imgs'][k][0, 0, :2])
            assert top <= y <= top + 10 and left <= x <= left + 10
            expected = np.clip(boxes[k, 0] - [left, top, left, top], 0, 10)
            assert cropped['boxes'][k, 0].tolist() == expected.tolist()


@given(clips(Supervision.MASK), st.floats(0, 1), st.integers(0, 99))
def test_a_crop_to_an_object_holds_it_with_its_context(results, context, seed):
    boxes, shown = results['boxes'].copy(), results['visible'][0].copy()
    shape = results['imgs'][0].shape[:2]
    np.random.seed(seed)
    cropped = ClipCropToObject(context)(results)
    if not shown.any():
        assert cropped is None
        return
    check_consistent(cropped)
    check_tight(cropped)
    check_images_follow(cropped)
    windows = [BoxCrop.around(box, shape, (1, 1), relative_margin=context).window for box in boxes[0][shown]]
    sizes = [(bottom - top, right - left) for left, top, right, bottom in windows]
    assert cropped['imgs'][0].shape[:2] in sizes


def test_a_negative_context_is_named():
    with pytest.raises(ConfigError, match=r'ClipCropToObject\.context: found -0\.1'):
        ClipCropToObject(-0.1)
