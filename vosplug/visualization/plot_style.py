"""Style of all plots."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..atomic import atomic_path
from ..errors import ConfigError

J_COLOUR, F_COLOUR = '#0072b2', '#e69f00'  # Okabe and Ito: distinguishable with any colour vision
MEASURES = {'J': J_COLOUR, 'F': F_COLOUR}
# the same palette for several methods
METHOD_COLOURS = (J_COLOUR, F_COLOUR, '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#000000')
PALE = '#a9c9de'
BANDS = ('#d9e8f2', '#b3d2e5', '#8cbbd8', '#66a5cb')  # outermost first; opaque, so that the legend shows them
DPI = 150
STYLE = {
    'font.family': 'sans-serif',
    'font.size': 9,
    'axes.axisbelow': True,
    'axes.grid': True,
    'axes.spines.top': False,
    'axes.spines.right': False,
    'grid.alpha': 0.25,
    'grid.linewidth': 0.6,
    'legend.frameon': False,
}


@contextmanager
def single_axes(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure with one plot, in this style; width and height are in inches."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout='constrained')
        FigureCanvasAgg(figure)
        yield figure, figure.add_subplot()


def legend_above(figure: Figure) -> None:
    """Place the legend above the axes."""
    entries = len(figure.axes[0].get_legend_handles_labels()[0])
    columns = entries if entries <= 3 else (entries + 1) // 2
    figure.legend(loc='outside upper center', ncols=columns, fontsize=8)


def save_figure(path: str | Path, figure: Figure) -> None:
    """Write a figure atomically; the suffix of the path selects the format.

    Raises:
        ConfigError: not the suffix of a format that matplotlib writes.
    """
    formats = figure.canvas.get_supported_filetypes()
    if Path(path).suffix[1:].lower() not in formats:
        raise ConfigError(f'{path}: expected the name of an image, ending in one of .{", .".join(formats)}.')
    with atomic_path(path) as partial:
        figure.savefig(partial, dpi=DPI)
