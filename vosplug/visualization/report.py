"""Results page: one HTML file with inline charts, next to the animations it shows."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..atomic import atomic_path

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


def curve_svg(name: str, points: Sequence[tuple[float, float]]) -> str:
    """Line chart as an SVG element in the page's text colour.

    Args:
        name: description for screen readers.
        points: (x, y) in order; NaN leaves a gap.
    """
    settings = {'svg.fonttype': 'none', 'svg.hashsalt': name, 'font.family': 'sans-serif', 'font.size': 9}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(4.4, 2.5), layout='constrained')
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        axes.plot(xs, ys, color=ACCENT, linewidth=1.8, marker='o' if len(points) < 15 else None, markersize=3)
        axes.grid(color=INK, alpha=0.12, linewidth=0.6)
        axes.spines[['top', 'right']].set_visible(False)
        axes.spines[['left', 'bottom']].set(color=INK, alpha=0.4)
        axes.tick_params(colors=INK)
        buffer = io.StringIO()
        figure.savefig(buffer, format='svg', transparent=True, metadata={'Date': None, 'Creator': None})
    svg = buffer.getvalue()
    svg = re.sub(r'<metadata>.*?</metadata>', '', svg[svg.index('<svg') :], flags=re.DOTALL)
    svg = svg.replace(INK, 'currentColor').replace(ACCENT, 'var(--accent)')
    return svg.replace('<svg ', f'<svg role="img" aria-label="{escape(name)}" ', 1)


def _section(title: str, body: str) -> str:
    return f'<section><h2>{escape(title)}</h2>\n{body}\n</section>\n' if body else ''


def _summary(summary: Mapping[str, object]) -> str:
    cards = ''.join(
        f'<div class="card"><dt>{escape(str(k))}</dt><dd>{escape(format_value(v))}</dd></div>\n'
        for k, v in summary.items()
    )
    return f'<dl class="grid cards">\n{cards}</dl>\n' if cards else ''


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    if not rows:
        return ''
    columns = list(dict.fromkeys(key for row in rows for key in row))
    numeric = {c for c in columns if all(isinstance(r.get(c), int | float | None) for r in rows)}

    def cell(tag: str, column: str, value: object) -> str:
        kind = ' class="number"' if column in numeric else ''
        return f'<{tag}{kind}>{escape(format_value(value))}</{tag}>'

    head = ''.join(cell('th', c, str(c)) for c in columns)
    lines = (''.join(cell('td', c, row.get(c)) for c in columns) for row in rows)
    body = ''.join(f'<tr>{line}</tr>\n' for line in lines)
    table = f'<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>'
    return f'<div class="card scroll">{table}</div>'


def _figures(figures: Sequence[str]) -> str:
    cards = ''.join(f'<figure class="card">{figure}</figure>\n' for figure in figures)
    return f'<div class="grid wide">\n{cards}</div>' if cards else ''


def _chart(name: str, points: Sequence[tuple[float, float]]) -> str:
    last = f'last {format_value(float(points[-1][1]))}' if points else 'no values yet'
    return f'{curve_svg(name, points)}<figcaption><b>{escape(name)}</b>{last}</figcaption>'


def _clip(clip: Mapping[str, str]) -> str:
    name, caption = escape(clip['name']), escape(clip.get('caption', ''))
    picture = f'<img src="{escape(quote(clip["gif"]))}" alt="{name}" loading="lazy">'
    return f'{picture}<figcaption><b>{name}</b>{caption}</figcaption>'


def write_report(
    out_dir: str | Path,
    title: str,
    summary: Mapping[str, object],
    rows: Sequence[Mapping[str, object]] = (),
    curves: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    clips: Sequence[Mapping[str, str]] = (),
) -> Path:
    """Write ``index.html``, a page that needs no network or scripts.

    Args:
        out_dir: folder of the page, created if missing; the page is written atomically.
        title: heading.
        summary: headline numbers, name -> value.
        rows: table, one mapping of column -> value per row.
        curves: chart name -> (x, y) points.
        clips: ``name``, ``gif`` (file name relative to ``out_dir``) and ``caption`` of each animation.

    Returns:
        Path: the page.
    """
    charts = [_chart(name, points) for name, points in (curves or {}).items()]
    body = (
        f'<h1>{escape(title)}</h1>\n{_summary(summary)}'
        + _section('Results', _table(rows))
        + _section('Curves', _figures(charts))
        + _section('Clips', _figures([_clip(clip) for clip in clips]))
    )
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><style>{STYLE}</style></head>\n'
        f'<body><main>\n{body}</main></body></html>\n'
    )
    target = Path(out_dir) / 'index.html'
    with atomic_path(target) as partial:
        partial.write_text(page, encoding='utf-8')
    return target
