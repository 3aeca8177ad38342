"""Every accepted file gives the same attributes."""

import json

import pytest

from vosplug.errors import AnnotationError
from vosplug.formats.attributes import read_attributes

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
        ('a.json', '{"bear": ', 'not valid JSON'),
        ('a.json', '["bear"]', 'the file: expected object, found array'),
        ('a.json', '{"bear": "DEF"}', r'\[\.\.\.\]: expected array, found str'),
        ('a.json', '{}', 'found none'),
        ('a.yaml', 'sequences: [', 'cannot be read'),
        ('a.yaml', 'bear: [DEF]', 'the file lacks "sequences"'),
        ('a.yaml', 'sequences: [{name: bear}]', r'sequences\[0\] lacks "attributes"'),
        ('a.txt', 'Sequence FM DEF\nbear True', 'sequence bear: expected 2 values, True or False'),
        ('a.txt', 'Sequence FM\nbear 1', 'sequence bear: expected 1 values, True or False'),
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
    with pytest.raises(AnnotationError, match='not found'):
        read_attributes(tmp_path / 'a.json')
