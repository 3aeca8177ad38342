"""Quantile curves and pseudo-label quality, computed by hand."""

import numpy as np
import pytest

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.functional import IOU_QUANTILES, iou_quantile_curves, pseudo_label_quality


def test_quantiles_pool_frames_and_the_mean_is_over_sequences():
    found = iou_quantile_curves({5: [[0.0, 0.1, 0.2], [1.0]], 1: [[0.4, 0.6]]}, [0, 0.5, 1])
    assert found.settings.tolist() == [1, 5]
    assert found.mean == pytest.approx([0.5, 0.55])
    assert found.quantiles == pytest.approx(np.array([[0.4, 0.5, 0.6], [0, 0.15, 1]]))


def test_quantiles_are_those_of_the_paper():
    found = iou_quantile_curves({1: [np.linspace(0, 1, 101)]})
    assert found.quantiles[0] == pytest.approx([0.05, 0.1, 0.2, 0.3, 0.7, 0.8, 0.9, 0.95])
    assert len(IOU_QUANTILES) == 8


def test_pseudo_labels_are_scored_where_the_object_is_present():
    found = pseudo_label_quality(
        ious=[[0.9, 0.7, 1.0, np.nan], [0.5, 0.3]],
        present=[[True, True, False, False], [True, True]],
        manual=[[False, True, False, False], [True, False]],
    )
    assert found.mean == pytest.approx((0.9 + 0.7 + 0.5 + 0.3) / 4)
    assert found.recall == {0.5: 0.75, 0.7: 0.5}  # the threshold itself is reached
    assert (found.masks, found.used_masks) == (4, 2)


def test_any_threshold_and_no_manual_mask():
    found = pseudo_label_quality([[0.2, 0.8]], [[1, 1]], thresholds=[0, 0.25, 0.9, 1])
    assert found.recall == {0: 1, 0.25: 0.5, 0.9: 0, 1: 0}
    assert found.used_masks == 0


def test_wrong_input_is_named():
    with pytest.raises(AnnotationError, match=r'object 0, where present.*1\.5'):
        pseudo_label_quality([[1.5]], [[True]])
    with pytest.raises(AnnotationError, match='nan'):
        pseudo_label_quality([[np.nan]], [[True]])
    with pytest.raises(AnnotationError, match='object 0, frame 1'):
        pseudo_label_quality([[1, 1]], [[True, False]], [[False, True]])
    with pytest.raises(AnnotationError, match=r'object 1.*\(2,\)'):
        pseudo_label_quality([[1], [1, 1]], [[True], [True]])
    with pytest.raises(AnnotationError, match='2 of ious'):
        pseudo_label_quality([[1], [1]], [[True]])
    with pytest.raises(AnnotationError, match='found none'):
        pseudo_label_quality([[1]], [[False]])
    with pytest.raises(AnnotationError, match=r'setting 5.*\[2, 0\]'):
        iou_quantile_curves({5: [[1, 1], []]})
    with pytest.raises(AnnotationError, match='found none'):
        iou_quantile_curves({})
    with pytest.raises(ConfigError, match='50'):
        pseudo_label_quality([[1]], [[True]], thresholds=[50])
    with pytest.raises(ConfigError, match='5'):
        iou_quantile_curves({5: [[1]]}, [5])
