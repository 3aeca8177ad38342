"""Properties and errors of region similarity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vosplug.errors import AnnotationError
from vosplug.evaluation.functional import jaccard, jaccard_objects, region

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=12)


@st.composite
def stacks(draw, count, dtype=bool, elements=None):
    """Several random (H, W) arrays of one shape."""
    return draw(arrays(dtype, (count, *draw(SHAPES)), elements=elements))


IDS = stacks(2, np.uint8, st.sampled_from([0, 1, 2, 7, 255]))


@given(stacks(3))
def test_symmetric_and_within_0_1(stack):
    a, b, void = stack
    assert jaccard(a, b, void) == jaccard(b, a, void)
    assert 0 <= jaccard(a, b) <= 1


@given(stacks(2))
def test_flips_do_not_matter(pair):
    a, b = pair
    assert jaccard(a, b) == jaccard(a[:, ::-1], b[:, ::-1]) == jaccard(a[::-1], b[::-1])


@given(stacks(1))
def test_a_mask_equals_itself_only(stack):
    (a,) = stack
    assert jaccard(a, a) == 1
    assert jaccard(a, ~a) == 0


@given(IDS)
def test_label_counting_equals_one_object_at_a_time(pair):
    pred, gt = pair
    expected = {i: jaccard(pred == i, gt == i, void=gt == 255) for i in (1, 2, 7, 9)}
    assert jaccard_objects(pred, gt, [1, 2, 7, 9], void=gt == 255) == expected


@given(IDS, st.permutations([1, 2, 7]))
def test_renaming_ids_renames_scores(pair, names):
    rename = np.arange(256, dtype=np.uint8)
    rename[[1, 2, 7]] = names
    before = jaccard_objects(*pair, [1, 2, 7])
    after = jaccard_objects(*rename[np.stack(pair)], names)
    assert after == {new: before[old] for old, new in zip([1, 2, 7], names, strict=True)}


@settings(max_examples=20)
@given(IDS)
def test_counting_in_bands_is_the_same(pair):
    whole = jaccard_objects(*pair, [1, 2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(region, '_EXACT_IN_FLOAT32', 5)
        assert jaccard_objects(*pair, [1, 2]) == whole


def test_void_pixels_count_neither_as_hit_nor_as_miss():
    gt = np.array([[1, 1, 0, 0]])
    pred = np.array([[1, 0, 1, 0]])
    assert jaccard(pred, gt) == pytest.approx(1 / 3)
    assert jaccard(pred, gt, void=np.array([[0, 1, 1, 0]])) == 1


def test_another_size_is_an_error_that_names_both():
    with pytest.raises(AnnotationError, match=r'prediction \(4, 5\), ground truth \(4, 6\)'):
        jaccard(np.zeros((4, 5), bool), np.zeros((4, 6), bool))
    with pytest.raises(AnnotationError, match='void'):
        jaccard_objects(*np.zeros((2, 4, 5), np.uint8), [1], void=np.zeros((1, 5), bool))
    with pytest.raises(AnnotationError, match='expected'):
        jaccard(np.zeros((4, 5, 1), bool), np.zeros((4, 5, 1), bool))


def test_probabilities_and_wide_ids_are_errors():
    with pytest.raises(AnnotationError, match='Threshold'):
        jaccard(np.full((4, 5), 0.3), np.ones((4, 5), bool))
    with pytest.raises(AnnotationError, match='uint8'):
        jaccard_objects(np.zeros((4, 5), np.int64), np.zeros((4, 5), np.uint8), [1])


@pytest.mark.parametrize('pred_id, gt_id', [(0, 255), (255, 0), (255, 255), (1, 127), (2, 127), (15, 15)])
def test_any_pair_of_ids_is_counted(pred_id, gt_id):
    pred, gt = np.zeros((8, 9), np.uint8), np.zeros((8, 9), np.uint8)
    pred[2:6, 2:6], gt[4:8, 2:6] = pred_id, gt_id
    ids = sorted({pred_id, gt_id} - {0})
    assert jaccard_objects(pred, gt, ids) == {i: jaccard(pred == i, gt == i) for i in ids}
