"""The map of the architecture that docs/house.py draws."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

REPO = Path(__file__).parents[2]
pytest.importorskip('sphinx')
pytest.importorskip('grimp')
sys.path.insert(0, str(REPO / 'docs'))
import house  # noqa: E402


def test_the_map_shows_every_room_and_what_it_imports():
    svg = ElementTree.fromstring(house.draw())
    space = '{http://www.w3.org/2000/svg}'
    names = {name for text in svg.iter(f'{space}text') for name in (text.text or '').split(', ')}
    packages = {path.parent.name for path in (REPO / 'vosplug').glob('*/__init__.py')}
    assert packages <= names and 'registry' in names
    imports = house.imports()
    assert imports['cli', 'apis'] and imports['models', 'structures'] and not imports['models', 'engine']
    layers = {room: k for k, layer in enumerate(house.rooms()) for room in layer}
    drawn = {(layers[a], layers[b]) for a, b in imports if {a, b} <= packages and layers[a] != layers[b]}
    assert len(list(svg.iter(f'{space}path'))) == len(drawn)
    assert all(start < end for start, end in drawn)
