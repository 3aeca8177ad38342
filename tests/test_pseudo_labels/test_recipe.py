"""Recipe of a folder of labels."""

import json

from vosplug.pseudo_labels import Recipe


def test_a_folder_named_like_a_benchmark_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = Recipe(config='box2seg-tiny', videos='lasot', boxes='lasot', sequences='got10k').text()
    given = json.loads(text)
    assert (given['config'], given['boxes']) == ('box2seg-tiny', 'lasot')
    assert (given['videos'], given['sequences']) == (str(tmp_path / 'lasot'), str(tmp_path / 'got10k'))
