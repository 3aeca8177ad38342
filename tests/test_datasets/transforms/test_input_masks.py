"""Annotations become the rough masks that a network refines."""

import cv2
import numpy as np
import pytest
from box_clips import clips
from hypothesis import given
from hypothesis import strategies as st
from rough_masks import MASKS, PLAIN, ellipse, still
from small_data import make_frames

from vosplug.datasets import VideoRecord
from vosplug.datasets.transforms import (
    InputMasks,
    LoadClip,
    deform_mask,
    input_masks,
    thin_plate_spline,
)
from vosplug.errors import ConfigError
from vosplug.structures import ArrayAnnotation, ArraySource, Supervision, fill_box

STRONG = dict(scale=0.9, shift=2, bend=2)


def rough(clip: dict, seed: int = 0, **options) -> np.ndarray:
    np.random.seed(seed)
    return InputMasks(**options)(clip)['input_masks']


def draws(count: int, mask: np.ndarray, **options) -> list[np.ndarray]:
    np.random.seed(0)
    transform = InputMasks(**{**PLAIN, **options})
    return [transform(still(mask))['input_masks'][0, 0] for _ in range(count)]


def boxes(masks: list[np.ndarray]) -> np.ndarray:
    """Left, top, width and height."""
    return np.array([cv2.boundingRect(np.uint8(mask > 0)) for mask in masks])


def test_without_deformation_it_is_the_annotation():
    clip = still(np.searchsorted([0, 9, 200], MASKS[0]).astype(np.uint8))
    clip['id_masks'][0][:5] = 255
    out = rough(clip, **PLAIN)
    assert out.shape == (1, 2, 48, 64) and out.dtype == np.float32
    for slot in range(2):
        assert np.array_equal(out[0, slot], clip['id_masks'][0] == slot + 1), 'void is not the object'


def test_a_box_is_filled_for_the_box_variant_and_where_there_is_no_mask():
    record = VideoRecord('v', ArraySource(make_frames(MASKS)), ArrayAnnotation(MASKS))
    kinds = {'first_mask': 'mask', 'mask': 'box', 'box': 'mask'}
    for supervision, kind in kinds.items():
        clip = LoadClip()(dict(record=record, frames=[0, 2], object_ids=[9, 200], kind=supervision))
        out = rough(clip, kind=kind, **PLAIN)
        for k, slot in np.ndindex(2, 2):
            exact = supervision == 'first_mask' and k == 0
            box = fill_box(clip['boxes'][k, slot], (48, 64))
            assert np.array_equal(out[k, slot], clip['id_masks'][k] == slot + 1 if exact else box)


def test_a_mask_is_scaled_by_up_to_5_percent_about_its_centre():
    mask = np.zeros((300, 400), np.uint8)
    mask[50:250, 60:340] = 1  # 280 wide, 200 high
    left, top, width, height = boxes(draws(400, mask, scale=0.05)).T
    assert np.abs(width / 280 - height / 200).max() < 0.01, 'as a whole'
    for ratio in (width / 280, height / 200):
        assert 0.945 <= ratio.min() < 0.955 and 1.045 < ratio.max() <= 1.055
        assert abs(ratio.mean() - 1) < 0.004
    assert np.abs(left + width / 2 - 200).max() <= 1 and np.abs(top + height / 2 - 150).max() <= 1


def test_a_mask_is_shifted_by_up_to_10_percent_of_its_width_and_height():
    mask = np.zeros((300, 400), np.uint8)
    mask[50:250, 60:340] = 1
    left, top, width, height = boxes(draws(400, mask, shift=0.1)).T
    assert set(width) == {280} and set(height) == {200}
    for moved, most in ((left - 60, 28), (top - 50, 20)):
        assert -most <= moved.min() < -0.95 * most and 0.95 * most < moved.max() <= most
        assert abs(moved.mean()) < 0.06 * most
    assert abs(np.corrcoef(left, top)[0, 1]) < 0.15


def test_control_points_are_shifted_by_up_to_10_percent_of_width_and_height(monkeypatch):
    seen = []

    def spline(source, target):
        seen.append((source, target))
        return thin_plate_spline(source, target)

    monkeypatch.setattr(input_masks, 'thin_plate_spline', spline)
    mask = np.zeros((300, 400), np.uint8)
    mask[50:250, 60:340] = 1
    contour = mask - cv2.erode(mask, np.ones((3, 3), np.uint8))
    draws(200, mask, bend=0.1)
    for source, _ in seen:
        assert source.shape == (5, 2) and contour[source[:, 1].astype(int), source[:, 0].astype(int)].all()
        apart = np.linalg.norm(source[:, None] - source, axis=-1) + 400 * np.eye(5)
        assert apart.min() > 50, 'close points would tear the mask'
    shifts = np.array([target - source for source, target in seen]).reshape(-1, 2)
    for moved, most in zip(shifts.T, (28, 20), strict=True):
        assert -most <= moved.min() < -0.98 * most and 0.98 * most < moved.max() <= most
        assert abs(moved.mean()) < 0.06 * most
    assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.1


def test_a_mask_bends():
    mask = ellipse((300, 400), (120, 80))

    def overlaps(masks: list[np.ndarray]) -> list[float]:
        return [(mask * m).sum() / np.maximum(mask, m).sum() for m in masks]

    bent = draws(200, mask, bend=0.1)
    assert 0.75 < np.median(overlaps(bent)) < 0.88 and min(overlaps(bent)) > 0.5
    assert abs(np.median([m.sum() for m in bent]) / mask.sum() - 1) < 0.05
    contours = [max(cv2.findContours(np.uint8(m), 0, 1)[0], key=len) for m in bent]
    solidity = [cv2.contourArea(c) / cv2.contourArea(cv2.convexHull(c)) for c in contours]
    assert min(solidity) < 0.975, 'affine mappings would keep it convex, 0.99 in pixels'
    assert min(overlaps(draws(50, mask, bend=0.01))) > 0.9


def test_dilation_reaches_5_pixels_around_the_deformed_mask():
    mask = ellipse()
    options = dict(scale=0.05, shift=0.1, bend=0.1)
    for thin, coarse in zip(draws(5, mask, **options), draws(5, mask, dilate=5, **options), strict=True):
        away = cv2.distanceTransform(np.uint8(thin == 0), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        assert np.array_equal(coarse > 0, away <= 5 + 1e-4)


def test_frames_and_objects_are_deformed_on_their_own():
    two = np.concatenate([ellipse(), 2 * ellipse()], 1)
    out = rough(still(two, 3), dilate=0)
    halves = [out[k, slot, :, 160 * slot :][:, :160] for k in range(3) for slot in range(2)]
    assert len({half.tobytes() for half in halves}) == 6


def test_absent_objects_have_no_mask():
    clip = still(np.concatenate([ellipse(), 2 * ellipse()], 1), 2)
    clip['visible'][1, 0] = False
    assert [[bool(m.any()) for m in frame] for frame in rough(clip)] == [[True, True], [False, True]]
    clip['id_masks'] = [np.full_like(m, 255) for m in clip['id_masks']]  # frames without annotation
    clip['visible'][:] = False
    assert not rough(clip).any()


@given(clips(), st.integers(0, 99), st.sampled_from([{}, STRONG, dict(kind='box', **STRONG)]))
def test_nothing_else_changes_and_values_are_0_or_1(clip, seed, options):
    before = {key: np.array(value) for key, value in clip.items()}
    out = rough(clip, seed, **options)
    assert out.shape == (2, 2, 30, 44) and out.dtype == np.float32 and set(np.unique(out)) <= {0, 1}
    assert np.array_equal(out.any((2, 3)), clip['visible']), 'no mask vanishes'
    assert clip.keys() == before.keys()
    assert all(np.array_equal(np.array(clip[key]), value) for key, value in before.items())


@given(st.integers(0, 10**6), st.sampled_from([0.05, 0.3, 0.7, 1]), st.integers(1, 12), st.integers(1, 12))
def test_any_mask_can_be_deformed(seed, density, height, width):
    rng = np.random.RandomState(seed)
    mask = np.uint8(rng.uniform(size=(height, width)) < density)
    same = deform_mask(mask, rng, scale=0, shift=0, bend=0, control_points=5)
    assert np.array_equal(same, mask), 'holes and single pixels too'
    deformed = deform_mask(mask, rng, scale=0.05, shift=0.1, bend=1, control_points=5)
    assert deformed.any() == mask.any() and deformed.dtype == np.uint8 and deformed.shape == mask.shape


@pytest.mark.parametrize(
    'shape', [(slice(3, 4), slice(5, 6)), (slice(3, 4), slice(5, 8)), (slice(3, 4), slice(0, 40))]
)
def test_tiny_masks_and_lines_do_not_bend(shape):
    mask = np.zeros((9, 40), np.uint8)
    mask[shape] = 1
    for out in draws(30, mask, bend=0.4):
        assert np.array_equal(out, mask)


def test_a_mask_that_would_leave_the_frame_stays_as_it_is():
    mask = np.zeros((40, 60), np.uint8)
    mask[:6, :10] = 1
    outs = draws(200, mask, shift=3)
    stayed = sum(np.array_equal(out, mask) for out in outs)
    assert 50 < stayed < 150 and all(out.any() for out in outs)


def test_seeds_decide():
    clip = still(ellipse(), 2)
    assert np.array_equal(rough(clip, 3), rough(clip, 3))
    assert not np.array_equal(rough(clip, 3), rough(clip, 4))


@pytest.mark.parametrize('variants', [1, 2, 5])
def test_a_still_has_as_many_masks_as_asked_for(variants):
    np.random.seed(0)
    transform = InputMasks(variants=variants)
    # epochs, clips of several copies, another order: always the same masks
    seen = [{m.tobytes() for _ in range(20) for m in transform(still(ellipse(), 3))['input_masks']}]
    np.random.seed(1)
    again = InputMasks(variants=variants)
    again(still(ellipse((90, 90))))
    seen += [{again(still(ellipse(), 1, 'b'))['input_masks'].tobytes() for _ in range(60)}]
    assert seen[0] == seen[1] and len(seen[0]) == variants
    other = InputMasks(variants=variants, seed=1)
    assert not seen[0] & {other(still(ellipse()))['input_masks'].tobytes() for _ in range(20)}
    smaller = {transform(still(ellipse(axes=(39, 25))))['input_masks'].tobytes() for _ in range(40)}
    assert len(smaller) == variants and not seen[0] & smaller


def test_variants_of_different_masks_are_independent():
    masks = [np.roll(ellipse(), shift, 1) for shift in (-9, 0, 9)]
    places = [
        boxes(draws(1, mask, shift=0.1, variants=1))[0, :2] - cv2.boundingRect(mask)[:2] for mask in masks
    ]
    assert len(set(map(tuple, places))) == 3


def test_without_variants_every_mask_is_another():
    np.random.seed(0)
    assert len({m.tobytes() for m in InputMasks()(still(ellipse(), 30))['input_masks']}) == 30


@pytest.mark.parametrize(
    ('wrong', 'said'),
    [
        (dict(kind='boxes'), r"InputMasks\.kind: found 'boxes', expected one of \('mask', 'box'\)"),
        (dict(scale=1), 'scale=1'),
        (dict(shift=-0.1), r'shift=-0\.1'),
        (dict(bend=-1), 'bend=-1'),
        (dict(dilate=-1), 'dilate=-1'),
        (dict(seed=-1), 'seed=-1'),
        (dict(control_points=2), 'control_points=2'),
        (dict(variants=0), 'variants=0'),
    ],
)
def test_wrong_options_are_named(wrong, said):
    with pytest.raises(ConfigError, match=said):
        InputMasks(**wrong)


def test_supervision_by_boxes_gives_boxes_even_where_pixels_are_known():
    clip = still(ellipse())
    clip['supervision'][:] = int(Supervision.BOX)
    assert np.array_equal(rough(clip, **PLAIN)[0, 0], fill_box(clip['boxes'][0, 0], (120, 160)))
