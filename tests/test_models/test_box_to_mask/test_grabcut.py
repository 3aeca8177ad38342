"""GrabCut in boxes."""

import cv2
import numpy as np
import pytest
from box_to_mask_tester import BoxToMaskTester, mask_of
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.registry import init_default_scope
from small_models import small_stm

from vosplug.errors import ConfigError, PromptError
from vosplug.models import GrabCutInitializer
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt, fill_box


class TestGrabCut(BoxToMaskTester):
    def model(self):
        return GrabCutInitializer(iterations=2)


def cut(image: np.ndarray, box: np.ndarray, **options) -> np.ndarray:
    return mask_of(GrabCutInitializer(**options), image, box)


def disc(size: tuple[int, int] = (120, 160), scale: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An orange disc on blue noise: image, mask and box."""
    image = np.random.default_rng(0).integers(0, 60, (*size, 3), np.uint8)
    image[..., 0] += 120
    mask = np.zeros(size, np.uint8)
    cv2.circle(mask, (70, 60), 30, 1, -1)
    image[mask > 0] = (20, 120, 230)
    image, mask = (np.repeat(np.repeat(a, scale, 0), scale, 1) for a in (image, mask))
    return image, mask > 0, scale * np.float32([40, 30, 101, 91])


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize('scale', [1, 4])  # 4: larger than short_side
def test_grabcut_finds_the_object_in_its_box(scale):
    image, mask, box = disc(scale=scale)
    found = cut(image, box)
    assert found.dtype == np.float32 and found.shape == mask.shape
    assert iou(found > 0.5, mask) > 0.95 > 0.9 > iou(fill_box(box, mask.shape), mask)
    assert not (found[~fill_box(box, mask.shape)] > 0.5).any()


def test_grabcut_gives_the_same_mask_whatever_ran_before():
    image, _, box = disc()
    image = cv2.GaussianBlur(image, (0, 0), 3)
    first = cut(image, box)
    cv2.setRNGSeed(1234)
    assert np.array_equal(cut(image, box), first)


@pytest.mark.parametrize('box', [(0, 0, 160, 120), (9, 9, 9, 9), (200, 10, 220, 30)])
def test_without_an_inside_and_an_outside_the_box_is_filled(box):
    image, mask, _ = disc()
    assert np.array_equal(cut(image, np.float32(box)) > 0.5, fill_box(box, mask.shape))


@pytest.mark.parametrize('margin', [1, 2, 3])
def test_a_margin_that_is_lost_by_downscaling_leaves_the_box_filled(margin):
    image, mask, _ = disc(scale=8)
    box = np.float32([0, 0, 1280, 960 - margin])
    assert np.array_equal(cut(image, box) > 0.5, fill_box(box, mask.shape))


def test_one_colour_gives_the_filled_box():
    image, mask, box = disc()
    image[:] = 90
    assert np.array_equal(cut(image, box) > 0.5, fill_box(box, mask.shape))


def test_a_cut_that_loses_most_of_the_box_is_not_taken():
    image, mask, _ = disc()
    wide = np.float32([5, 5, 155, 115])  # its own box has a fifth of this one's area
    assert iou(cut(image, wide, min_reach=0) > 0.5, mask) > 0.9
    assert np.array_equal(cut(image, wide) > 0.5, fill_box(wide, mask.shape))


@pytest.mark.parametrize('option', [dict(iterations=0), dict(short_side=8)])
def test_grabcut_refuses_impossible_options(option):
    with pytest.raises(ConfigError, match=next(iter(option))):
        GrabCutInitializer(**option)


def test_a_box_prompt_starts_with_the_cut():
    image, mask, box = disc()
    init_default_scope('vosplug')
    model = MODELS.build({**small_stm(), 'initializer': dict(type='GrabCutInitializer')}).eval()
    result = next(model.stream([image], {0: [ObjectPrompt(3, box=box)]}))
    assert iou(result.mask == 3, mask) > 0.9


@given(
    st.integers(0, 2**32 - 1),
    st.tuples(*[st.floats(-2, 26, width=32)] * 4),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_cut_lies_in_its_box_whatever_the_picture(seed, corners, smooth):
    image = np.random.default_rng(seed).integers(0, 256, (18, 24, 3), np.uint8)
    if smooth:
        image = cv2.GaussianBlur(image, (0, 0), 3)
    (x1, x2), (y1, y2) = sorted(corners[:2]), sorted(corners[2:])
    found = cut(image, np.float32([x1, y1, x2, y2]), iterations=1)
    inside = fill_box((x1, y1, x2, y2), (18, 24))
    assert found.any() == inside.any() and not found[~inside].any()


def test_points_mark_the_region_of_like_colour_they_lie_in():
    image, mask, _ = disc()
    cv2.circle(image, (130, 30), 15, (20, 120, 230), -1)  # another one of the same colour
    found = GrabCutInitializer().from_points(image, np.float32([[70, 60, 1], [20, 20, 0]])) > 0.5
    assert iou(found, mask) > 0.9 and not found[30, 130]


def test_points_everywhere_on_or_off_the_object_leave_nothing_to_cut():
    image, mask, _ = disc()
    points = [(x, y, 1) for x in range(5, 160, 10) for y in range(5, 120, 10)]
    assert GrabCutInitializer().from_points(image, np.float32(points)).all()
    assert not GrabCutInitializer().from_points(image[:4, :4], np.float32([[1, 1, 1], [1, 1, 0]])).any()


def test_points_start_a_track():
    image, mask, _ = disc()
    init_default_scope('vosplug')
    model = MODELS.build({**small_stm(), 'initializer': dict(type='GrabCutInitializer')}).eval()
    result = next(model.stream([image], {0: [ObjectPrompt(3, points=[(70, 60, 1)])]}))
    assert iou(result.mask == 3, mask) > 0.9


def test_points_outside_of_the_image_and_without_a_model_for_them_are_refused():
    image, _, _ = disc()
    model = MODELS.build(small_stm()).eval()
    with pytest.raises(PromptError, match='points lie outside'):
        model.stream([image], {0: [ObjectPrompt(3, points=[(70, 600, 1)])]})
    with pytest.raises(PromptError, match='FilledBoxInitializer does not accept points'):
        next(model.stream([image], {0: [ObjectPrompt(3, points=[(70, 60, 1)])]}))
