"""The map of the architecture: a Sphinx extension that draws ``docs/results/house.svg`` from the code.

Rooms are those of the import contract in ``pyproject.toml``, with the first line of their docstrings; arcs
are imports, wider where more modules import the room. The ground floor, which all import, has no arcs.
"""

import ast
import math
import re
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import grimp
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
TARGET = ROOT / 'docs' / 'results' / 'house.svg'
ROW, WIDTH, ARCS = 40, 820, 220  # pixels; arcs are to the right of the rooms
STYLE = """
  text { font-family: system-ui, sans-serif; font-size: 13px; fill: #1f2430 }
  .name { font-weight: 600 } .what { font-size: 11.5px; fill: #4b5263 }
  .room { fill: #eef3fb; stroke: #9db2d3 } .ground { fill: #f3f0ea; stroke: #c3b79c }
  path { fill: none; stroke: #3b6fb6; stroke-opacity: 0.35 }
"""


def rooms() -> list[list[str]]:
    """Names of packages and modules by layer, the highest first."""
    text = (ROOT / 'pyproject.toml').read_text(encoding='utf-8')
    layers = re.search(r'(?m)^layers = (\[.*?^\])', text, re.DOTALL)[1]
    found = [layer.split(' : ') for layer in ast.literal_eval(layers)]
    return [layer for layer in found if layer != ['__main__']]


def imports() -> Counter[tuple[str, str]]:
    """Number of modules of a room that import another room."""
    graph = grimp.build_graph('vosplug', cache_dir=None)
    pairs = Counter()
    for module in graph.modules:
        room = module.split('.')[1:2]
        targets = {t.split('.')[1] for t in graph.find_modules_directly_imported_by(module) if '.' in t}
        pairs.update((*room, target) for target in targets if room and target != room[0])
    return pairs


def is_package(room: str) -> bool:
    """Whether a room is a folder; the others are modules of the ground floor."""
    return (ROOT / 'vosplug' / room).is_dir()


def purpose(room: str) -> str:
    """The first line of a room's docstring."""
    file = ROOT / 'vosplug' / (f'{room}/__init__.py' if is_package(room) else f'{room}.py')
    return ast.get_docstring(ast.parse(file.read_text(encoding='utf-8'))).splitlines()[0].replace('``', '')


def draw() -> str:
    """The map as SVG."""
    layers = rooms()
    at = {room: k for k, layer in enumerate(layers) for room in layer}
    packages = {room for room in at if is_package(room)}
    height = len(layers) * (ROW + 8) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + ARCS} {height}" role="img">',
        f'<title>Rooms of vosplug and their imports</title><style>{STYLE}</style>',
        f'<rect width="{WIDTH + ARCS}" height="{height}" rx="8" fill="#ffffff"/>',
    ]
    arcs = Counter()
    for (room, target), count in imports().items():
        if {room, target} <= packages and at[room] != at[target]:
            arcs[at[room], at[target]] += count
    for (start, end), count in sorted(arcs.items()):
        y1, y2 = (12 + k * (ROW + 8) + ROW / 2 for k in (start, end))
        reach = WIDTH + 20 + (ARCS - 40) * (end - start) / len(layers) * 4 / 3
        line = f'M{WIDTH - 8},{y1} C{reach:.0f},{y1} {reach:.0f},{y2} {WIDTH - 8},{y2}'
        parts.append(f'<path d="{line}" stroke-width="{0.8 + math.log2(count):.1f}"/>')
    for k, layer in enumerate(layers):
        y = 12 + k * (ROW + 8)
        kind = 'room' if layer[0] in packages else 'ground'
        parts.append(f'<rect class="{kind}" x="12" y="{y}" width="{WIDTH - 20}" height="{ROW}" rx="6"/>')
        what = purpose(layer[0]) if len(layer) == 1 else ''
        names = escape(', '.join(layer))
        parts.append(f'<text class="name" x="24" y="{y + 25}">{names}</text>')
        parts.append(f'<text class="what" x="140" y="{y + 25}">{escape(what)}</text>')
    return '\n'.join([*parts, '</svg>', ''])


def write(_: Sphinx | None = None) -> None:
    """Write the map."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(draw(), encoding='utf-8')


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect('builder-inited', write)
    return {'parallel_read_safe': True}
