"""Results pages: one HTML file with inline charts, next to the animations it shows.

A page is made of blocks (:func:`cards`, :func:`table`, :func:`charts`, :func:`clips`, :func:`words`), HTML in
which all input is escaped.
"""

import io
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

import matplotlib
from matplotlib.figure import Figure

from ..atomic import atomic_path

_NUMBER = re.compile(r'–|-?[0-9.]+(e[-+][0-9]+)?')
INK, ACCENT = '#010203', '#2f7fd6'  # INK is replaced by the page's text colour, light or dark

STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --soft: #66707c; --line: #dde2e8; --card: #fff;
  --page: #f5f7f9; --accent: #2f7fd6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8ee; --soft: #96a1ae; --line: #303842;
  --card: #1b2027; --page: #12161b; --accent: #6db0f5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { margin: 0 0 1.5rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .8rem; font-size: 1.2rem; }
.grid { display: grid; gap: 1rem; margin: 0; }
.cards { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
.wide { grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); }
.card { margin: 0; padding: .9rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; overflow: hidden; }
.card dt, figcaption { color: var(--soft); font-size: .88rem; overflow-wrap: anywhere; }
.card dd { margin: .1rem 0 0; font-size: 1.45rem; font-weight: 600; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; padding: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .9rem; text-align: left; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-size: .85rem; font-weight: 600; white-space: nowrap; }
.number { text-align: right; }
img, svg { display: block; width: 100%; height: auto; }
img { border-radius: 6px; margin-bottom: .6rem; }
section p { margin: 0 0 1rem; max-width: 46rem; }
.words { columns: 22rem 2; column-gap: 2rem; }
.words dt { color: var(--ink); font-weight: 600; break-after: avoid; }
.words dd { margin: 0 0 .7rem; font-size: .95rem; font-weight: 400; break-inside: avoid; }
figcaption b { display: block; color: var(--ink); font-size: .98rem; }
"""


def format_value(value: object) -> str:
    """Text of a table cell: floats to four significant digits, a dash for None and NaN.

    Example:
        >>> format_value(0.123456), format_value(120000), format_value(None)
        ('0.1235', '120000', '–')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return '–'
    if isinstance(value, float):
        return f'{value:.4g}' if abs(value) < 1e4 else f'{value:.0f}'
    return str(value)


def curve_svg(name: str, points: Sequence[tuple[float, float]], xlabel: str) -> str:
    """Line chart as an SVG element in the page's text colour.

    Args:
        name: description for screen readers.
        points: (x, y) in order; NaN leaves a gap.
        xlabel: label of the x axis.
    """
    settings = {'svg.fonttype': 'none', 'svg.hashsalt': name, 'font.family': 'sans-serif', 'font.size': 9}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(4.4, 2.5), layout='constrained')
        axes = figure.add_subplot()
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        axes.plot(xs, ys, color=ACCENT, linewidth=1.8, marker='o' if len(points) < 15 else None, markersize=3)
        axes.grid(color=INK, alpha=0.12, linewidth=0.6)
        axes.spines[['top', 'right']].set_visible(False)
        axes.spines[['left', 'bottom']].set(color=INK, alpha=0.4)
        axes.tick_params(colors=INK)
        axes.set_xlabel(xlabel, color=INK)
        buffer = io.StringIO()
        figure.savefig(buffer, format='svg', transparent=True, metadata={'Date': None, 'Creator': None})
    svg = buffer.getvalue()
    svg = re.sub(r'<metadata>.*?</metadata>', '', svg[svg.index('<svg') :], flags=re.DOTALL)
    svg = svg.replace(INK, 'currentColor').replace(ACCENT, 'var(--accent)')
    return svg.replace('<svg ', f'<svg role="img" aria-label="{escape(name)}" ', 1)


def percent(value: float | None) -> str:
    """A score from 0 to 1 in percent, to one decimal; a dash for None and NaN.

    Example:
        >>> percent(0.5234), percent(float('nan'))
        ('52.3', '–')
    """
    return '–' if value is None or math.isnan(value) else f'{100 * value:.1f}'


def cards(numbers: Mapping[str, object]) -> str:
    """Headline numbers, name -> value."""
    shown = ''.join(
        f'<div class="card"><dt>{escape(str(k))}</dt><dd>{escape(format_value(v))}</dd></div>\n'
        for k, v in numbers.items()
    )
    return f'<dl class="grid cards">\n{shown}</dl>\n' if shown else ''


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """A table, one mapping of column -> value per row; columns of numbers are right-aligned."""
    if not rows:
        return ''
    columns = list(dict.fromkeys(key for row in rows for key in row))
    texts = [{c: format_value(row.get(c)) for c in columns} for row in rows]
    numeric = {c for c in columns if all(_NUMBER.fullmatch(text[c]) for text in texts)}

    def cell(tag: str, column: str, text: str) -> str:
        kind = ' class="number"' if column in numeric else ''
        return f'<{tag}{kind}>{escape(text)}</{tag}>'

    head = ''.join(cell('th', c, c) for c in columns)
    body = ''.join(f'<tr>{"".join(cell("td", c, text[c]) for c in columns)}</tr>\n' for text in texts)
    whole = f'<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>'
    return f'<div class="card scroll">{whole}</div>'


def charts(curves: Mapping[str, Sequence[tuple[float, float]]], xlabel: str) -> str:
    """Line charts, name -> (x, y) points; ``xlabel`` says what x is."""
    return figures([_chart(name, points, xlabel) for name, points in curves.items()])


def clips(animations: Sequence[Mapping[str, str]]) -> str:
    """Animations: ``name``, ``gif`` (file name relative to the page) and ``caption`` of each."""
    return figures([_clip(clip) for clip in animations])


def words(definitions: Mapping[str, str]) -> str:
    """A glossary, name -> sentence."""
    shown = ''.join(f'<dt>{escape(k)}</dt><dd>{escape(v)}</dd>\n' for k, v in definitions.items())
    return f'<dl class="card words">\n{shown}</dl>' if shown else ''


def figures(contents: Sequence[str]) -> str:
    """A grid of figures, given as the HTML in each."""
    shown = ''.join(f'<figure class="card">{figure}</figure>\n' for figure in contents)
    return f'<div class="grid wide">\n{shown}</div>' if shown else ''


def _chart(name: str, points: Sequence[tuple[float, float]], xlabel: str) -> str:
    last = f'last {format_value(float(points[-1][1]))}' if points else 'no values yet'
    return f'{curve_svg(name, points, xlabel)}<figcaption><b>{escape(name)}</b>{last}</figcaption>'


def _clip(clip: Mapping[str, str]) -> str:
    name, caption = escape(clip['name']), escape(clip.get('caption', ''))
    picture = f'<img src="{escape(quote(clip["gif"]))}" alt="{name}" loading="lazy">'
    return f'{picture}<figcaption><b>{name}</b>{caption}</figcaption>'


def write_page(path: str | Path, title: str, sections: Mapping[str, str]) -> None:
    """Write a page that needs no network or scripts, atomically.

    Args:
        path: HTML file.
        title: heading.
        sections: heading -> blocks, in order; those without content are left out.
    """
    body = ''.join(
        f'<section><h2>{escape(heading)}</h2>\n{content}\n</section>\n'
        for heading, content in sections.items()
        if content
    )
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><style>{STYLE}</style></head>\n'
        f'<body><main>\n<h1>{escape(title)}</h1>\n{body}</main></body></html>\n'
    )
    with atomic_path(path) as partial:
        partial.write_text(page, encoding='utf-8')


def write_report(out_dir: str | Path, title: str, sections: Mapping[str, str]) -> Path:
    """Write ``index.html`` in a folder, created if missing, see :func:`write_page`; returns the page."""
    target = Path(out_dir) / 'index.html'
    write_page(target, title, sections)
    return target
