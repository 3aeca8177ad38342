"""Scores by attribute are means of sequences, and every accepted file gives the same attributes."""

import json
import math
import subprocess
import sys

import pytest

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.attributes import attribute_scores, read_attributes, sequence_means

PER_OBJECT = {
    'bear': {1: {'J-Mean': 0.9}},
    'bmx': {'1': {'J-Mean': 0.2}, '2': {'J-Mean': 0.6}},
    'boat': {1: {'J-Mean': 0.8}, 2: {'J-Mean': math.nan}, 3: {'J-Mean': None}},
    'unknown': {1: {'J-Mean': 0.0}},
}
ATTRIBUTES = {'bear': ['DEF'], 'bmx': ['FM', 'DEF'], 'boat': [], 'not-scored': ['OV', 'DEF']}

DB_INFO = """
attributes: [DEF, FM]
sequences:
- {name: bear, attributes: [DEF], year: 2016}
- {name: bmx, attributes: [FM, DEF], year: 2016}
- {name: boat, attributes: [], year: 2016}
- {name: aerobatics, attributes: [], set: test-dev, year: 2017}
"""
TABLE = """Sequence    FM     DEF
bear        False  True
bmx         True   True

boat        False  False
"""


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
        AnnotationError, match='describe dog, but the scored sequences are bear, bmx, boat and 1'
    ):
        attribute_scores(PER_OBJECT, {'dog': ['FM']})


def test_an_unknown_statistic_is_an_error():
    with pytest.raises(ConfigError, match="'F-Mean', expected one of J-Mean"):
        attribute_scores(PER_OBJECT, ATTRIBUTES, 'F-Mean')


@pytest.mark.parametrize(
    ('name', 'text'),
    [
        ('a.json', json.dumps({'bear': ['DEF'], 'bmx': ['DEF', 'FM'], 'boat': []})),
        ('db_info.yaml', DB_INFO),
        ('db_info.yml', DB_INFO),
        ('attributes.txt', TABLE),
    ],
)
def test_every_format_gives_the_same_attributes(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    found = {sequence: sorted(own) for sequence, own in read_attributes(tmp_path / name).items()}
    assert found == {'bear': ['DEF'], 'bmx': ['DEF', 'FM'], 'boat': []}


@pytest.mark.parametrize(
    ('name', 'text', 'cause'),
    [
        ('a.json', '{"bear": ', 'cannot be read'),
        ('a.json', '["bear"]', 'found a list'),
        ('a.json', '{"bear": "DEF"}', 'sequence bear: expected a list of names'),
        ('a.json', '{}', 'found none'),
        ('a.yaml', 'sequences: [', 'cannot be read'),
        ('a.yaml', 'bear: [DEF]', 'expected a list `sequences`'),
        ('a.yaml', 'sequences: [{name: bear}]', 'sequence 0: expected `name` and `attributes`'),
        ('a.txt', 'Sequence FM DEF\nbear True', 'sequence bear: expected 2 of True and False'),
        ('a.txt', 'Sequence FM\nbear 1', 'sequence bear: expected 1 of True and False'),
        ('a.txt', '', 'found none'),
        ('a.csv', '', "found suffix '.csv'"),
    ],
)
def test_an_error_names_file_and_cause(tmp_path, name, text, cause):
    (tmp_path / name).write_text(text)
    with pytest.raises(AnnotationError, match=cause) as error:
        read_attributes(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)


def test_a_folder_or_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(AnnotationError, match='found a folder'):
        read_attributes(tmp_path)
    with pytest.raises(AnnotationError, match='No such file'):
        read_attributes(tmp_path / 'a.json')


def test_needs_neither_torch_nor_mmengine():
    loaded = '{"torch", "mmengine"} & sys.modules.keys()'
    code = f'import sys, vosplug.evaluation.attributes; sys.exit(bool({loaded}))'
    assert subprocess.run([sys.executable, '-c', code]).returncode == 0
