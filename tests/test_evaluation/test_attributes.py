"""Scores by attribute are means of sequences."""

import math
import subprocess
import sys

import pytest

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.attributes import attribute_scores, sequence_means

PER_OBJECT = {
    'bear': {1: {'J-Mean': 0.9}},
    'bmx': {'1': {'J-Mean': 0.2}, '2': {'J-Mean': 0.6}},
    'boat': {1: {'J-Mean': 0.8}, 2: {'J-Mean': math.nan}, 3: {'J-Mean': None}},
    'unknown': {1: {'J-Mean': 0.0}},
}
ATTRIBUTES = {'bear': ['DEF'], 'bmx': ['FM', 'DEF'], 'boat': [], 'not-scored': ['OV', 'DEF']}


def test_scores_with_and_without_each_attribute():
    scores = attribute_scores(PER_OBJECT, ATTRIBUTES)
    assert list(scores) == ['DEF', 'FM', 'OV']
    assert scores['DEF'] == pytest.approx((0.65, 0.8))
    assert scores['FM'] == pytest.approx((0.4, 0.85))
    assert scores['OV'] == pytest.approx((math.nan, 2.1 / 3), nan_ok=True)


def test_an_attribute_of_every_sequence_has_no_score_without():
    scores = attribute_scores({'bear': PER_OBJECT['bear']}, {'bear': ['DEF']})
    assert scores['DEF'] == pytest.approx((0.9, math.nan), nan_ok=True)


def test_a_sequence_without_any_number_counts_nowhere():
    per_object = {**PER_OBJECT, 'not-scored': {1: {'J-Mean': math.nan}}}
    assert attribute_scores(per_object, ATTRIBUTES)['DEF'] == pytest.approx((0.65, 0.8))
    assert math.isnan(sequence_means(per_object, 'J-Mean')['not-scored'])


def test_attributes_of_another_dataset_are_an_error():
    with pytest.raises(
        AnnotationError, match='given for dog, but the scored sequences are bear, bmx, boat and 1'
    ):
        attribute_scores(PER_OBJECT, {'dog': ['FM']})


def test_an_unknown_statistic_is_an_error():
    with pytest.raises(ConfigError, match="'F-Mean', expected one of J-Mean"):
        attribute_scores(PER_OBJECT, ATTRIBUTES, 'F-Mean')


def test_needs_neither_torch_nor_mmengine():
    loaded = '{"torch", "mmengine"} & sys.modules.keys()'
    code = f'import sys, vosplug.evaluation.attributes; sys.exit(bool({loaded}))'
    assert subprocess.run([sys.executable, '-c', code]).returncode == 0
