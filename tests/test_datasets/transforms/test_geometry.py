"""Images, masks and boxes move together, whatever the draw."""

import numpy as np
import pytest
from box_clips import SIZE, check_consistent, check_images_follow, check_tight, clips, where_from
from hypothesis import given
from hypothesis import strategies as st

from vosplug.datasets.transforms import ClipRandomAffine, ClipRandomFlip, ClipResize
from vosplug.errors import ConfigError
from vosplug.structures import Supervision, boxes_of_mask, fill_box


@given(clips())
def test_a_flip_moves_boxes_with_masks(results):
    before = results['id_masks'][0]
    flipped = ClipRandomFlip(prob=1)(results)
    check_consistent(flipped, SIZE)
    check_tight(flipped)
    check_images_follow(flipped)
    assert np.array_equal(flipped['id_masks'][0], before[:, ::-1])


@given(clips())
def test_two_flips_change_nothing(results):
    before = {key: np.copy(results[key]) for key in ('imgs', 'id_masks', 'boxes', 'visible')}
    after = ClipRandomFlip(prob=1)(ClipRandomFlip(prob=1)(results))
    assert all(np.array_equal(before[key], after[key]) for key in before)


def test_a_flip_happens_as_often_as_asked():
    np.random.seed(0)
    blank = dict(id_masks=[], boxes=np.zeros((0, 0, 4), np.float32), visible=np.zeros((0, 0), bool))
    image = np.zeros((1, 2, 3), np.uint8)
    image[0, 0] = 9
    flips = [ClipRandomFlip(0.3)(dict(blank, imgs=[image]))['imgs'][0][0, 1, 0] == 9 for _ in range(500)]
    assert 0.24 < np.mean(flips) < 0.36


@given(clips(), st.integers(8, 90))
def test_a_resize_scales_boxes_with_masks(results, short_side):
    old, old_masks = results['boxes'].copy(), results['id_masks']
    tolerance = 1e-4 if (results['supervision'] == Supervision.BOX).all() else 0.51
    scaled = ClipResize(short_side)(results)
    width = round(SIZE[1] * short_side / SIZE[0])
    check_consistent(scaled, (short_side, width))
    expected = old * np.array([width / SIZE[1], short_side / SIZE[0]] * 2)
    for k, slot in np.argwhere(scaled['visible']):
        x1, y1, x2, y2 = old[k, slot]
        # what another object hides in part may lose a thin rest, and with it its box
        if (old_masks[k] == slot + 1).sum() == (x2 - x1) * (y2 - y1):
            assert np.abs(scaled['boxes'][k, slot] - expected[k, slot]).max() <= tolerance
            tight = boxes_of_mask(scaled['id_masks'][k])[slot + 1]
            assert np.abs(tight - expected[k, slot]).max() <= 0.51
    if short_side % SIZE[0] == 0:
        check_tight(scaled)


def test_a_resize_draws_one_size_for_the_clip():
    np.random.seed(0)
    image = np.zeros((20, 40, 3), np.uint8)
    blank = dict(
        boxes=np.zeros((0, 0, 4), np.float32), visible=np.zeros((0, 0), bool), supervision=np.zeros((0, 0))
    )
    sides = set()
    for _ in range(40):
        out = ClipResize((8, 10))(dict(blank, imgs=[image] * 3, id_masks=[]))
        shapes = {i.shape[:2] for i in out['imgs']}
        assert len(shapes) == 1
        sides |= shapes
    assert sides == {(8, 16), (9, 18), (10, 20)}


@given(clips(Supervision.BOX), st.integers(0, 999))
def test_an_affine_box_contains_what_its_mask_became(results, seed):
    np.random.seed(seed)
    shown = results['visible'].copy()
    warped = ClipRandomAffine(degrees=40, scale=(0.5, 2), shear=25, shift=0.3)(results)
    check_consistent(warped, SIZE)
    assert not (warped['visible'] & ~shown).any()
    for mask, boxes in zip(warped['id_masks'], warped['boxes'], strict=True):
        for object_id, (x1, y1, x2, y2) in boxes_of_mask(mask).items():
            box = boxes[object_id - 1]
            if min(x2 - x1, y2 - y1) >= 3:
                assert (box[:2] <= [x1 + 0.55, y1 + 0.55]).all() and (box[2:] >= [x2 - 0.55, y2 - 0.55]).all()


@given(clips(Supervision.BOX), st.integers(0, 999))
def test_an_affine_without_rotation_keeps_boxes_tight(results, seed):
    np.random.seed(seed)
    warped = ClipRandomAffine(degrees=0, shear=0, scale=(1, 2), shift=0.2)(results)
    for mask, boxes, visible in zip(warped['id_masks'], warped['boxes'], warped['visible'], strict=True):
        alone = len(set(np.unique(mask)) - {0, 255}) == 1 and visible.sum() == 1
        for object_id, tight in boxes_of_mask(mask).items():
            if alone:
                assert np.abs(tight - boxes[object_id - 1]).max() <= 0.55


@given(clips(Supervision.MASK), st.integers(0, 999))
def test_an_affine_of_masks_gives_tight_boxes(results, seed):
    np.random.seed(seed)
    warped = ClipRandomAffine(degrees=40, scale=(0.8, 1.5))(results)
    for mask, boxes in zip(warped['id_masks'], warped['boxes'], strict=True):
        for object_id, tight in boxes_of_mask(mask).items():
            assert boxes[object_id - 1].tolist() == tight.tolist()


def test_an_affine_moves_the_image_with_the_mask():
    np.random.seed(1)
    mask = fill_box((12, 8, 30, 22), SIZE).astype(np.uint8)
    results = dict(
        imgs=[np.repeat(mask[..., None] * 200, 3, 2)] * 3,
        id_masks=[mask] * 3,
        boxes=np.float32([[[12, 8, 30, 22]]] * 3),
        visible=np.ones((3, 1), bool),
        supervision=np.full((3, 1), int(Supervision.MASK)),
    )
    warped = ClipRandomAffine(degrees=30, jitter=0.3)(results)
    for image, moved in zip(warped['imgs'], warped['id_masks'], strict=True):
        known = moved < 255
        assert ((image[..., 0] > 100) == (moved == 1))[known].mean() > 0.98
    assert not np.array_equal(*warped['id_masks'][:2]), 'jitter moves frames against each other'
    still = ClipRandomAffine(degrees=30, jitter=0)(
        dict(results, imgs=[results['imgs'][0]] * 3, id_masks=[mask] * 3)
    )
    assert np.array_equal(*still['id_masks'][:2])


def test_what_comes_in_from_outside_is_void():
    np.random.seed(0)
    mask = np.zeros(SIZE, np.uint8)
    results = dict(
        imgs=[np.zeros((*SIZE, 3), np.uint8)],
        id_masks=[mask],
        boxes=np.zeros((1, 0, 4), np.float32),
        visible=np.zeros((1, 0), bool),
        supervision=np.zeros((1, 0), np.int64),
    )
    out = ClipRandomAffine(degrees=0, shear=0, scale=(0.5, 0.5000001), shift=0, jitter=0)(results)[
        'id_masks'
    ][0]
    assert set(np.unique(out)) == {0, 255} and (out == 0).mean() == pytest.approx(0.25, abs=0.03)


@given(clips(), st.integers(16, 70), st.integers(16, 70))
def test_a_fixed_size_scales_boxes_by_each_side(results, height, width):
    old = results['boxes'].copy()
    tolerance = 1e-4 if (results['supervision'] == Supervision.BOX).all() else 1.01
    scaled = ClipResize(size=(height, width))(results)
    check_consistent(scaled, (height, width))
    expected = old * np.array([width / SIZE[1], height / SIZE[0]] * 2)
    alone = scaled['visible'].sum(1) == 1
    for k, slot in np.argwhere(scaled['visible'] & alone[:, None]):
        assert np.abs(scaled['boxes'][k, slot] - expected[k, slot]).max() <= tolerance


@pytest.mark.parametrize('arguments', [dict(), dict(short_side=8, size=(8, 8))])
def test_a_resize_has_one_target(arguments):
    with pytest.raises(ConfigError, match='ClipResize: found .* give exactly one of them'):
        ClipResize(**arguments)


@pytest.mark.parametrize('short_side', [0, (30, 20), (0, 20)])
def test_a_short_side_is_positive_and_ascends(short_side):
    with pytest.raises(
        ConfigError, match='ClipResize.short_side: found .*, expected 1 or more, or ascending'
    ):
        ClipResize(short_side)


def test_frames_apart_share_nothing():
    np.random.seed(0)
    image = where_from(1)[0]
    still, apart = (
        ClipRandomAffine(together=together, jitter=jitter, degrees=30, scale=(1, 1), shear=0, shift=0)
        for together, jitter in ((0, 0), (0, 1))
    )
    blank = dict(
        id_masks=[np.zeros(SIZE, np.uint8)] * 2,
        boxes=np.zeros((2, 0, 4), np.float32),
        visible=np.zeros((2, 0), bool),
        supervision=np.zeros((2, 0), np.int64),
    )
    assert np.array_equal(still(dict(blank, imgs=[image] * 2))['imgs'][0], image)
    turned = apart(dict(blank, imgs=[image] * 2, id_masks=list(blank['id_masks'])))['imgs']
    assert not np.array_equal(*turned)
