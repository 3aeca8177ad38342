"""Recipe of a folder of labels."""

import json

import pytest

from vosplug.errors import ConfigError
from vosplug.pseudo_labels import Recipe


def test_a_folder_named_like_a_benchmark_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = Recipe(config='box2seg-tiny', videos='lasot', boxes='lasot', sequences='got10k').text()
    given = json.loads(text)
    assert (given['config'], given['boxes']) == ('box2seg-tiny', 'lasot')
    assert (given['videos'], given['sequences']) == (str(tmp_path / 'lasot'), str(tmp_path / 'got10k'))


def test_a_device_that_is_not_there_is_named(tmp_path):
    recipe = Recipe(config='box2seg-tiny', videos='videos', boxes='boxes.csv')
    with pytest.raises(ConfigError, match="device: found 'nope', expected a device of this machine"):
        recipe.make_factory(tmp_path, 'nope')
