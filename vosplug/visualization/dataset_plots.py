"""Histograms of datasets: video lengths and box fill."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..evaluation.dataset_statistics import DatasetStatistics
from .plot_style import J_COLOUR, STYLE, save_figure

BINS = 20


def plot_statistics(statistics: Mapping[str, DatasetStatistics]) -> Figure:
    """One row per dataset: frames per video (Skogh 2024, Fig. 4.1), box fill (Fig. A.2)."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.6, 2.6 * len(statistics) + 0.2), layout='constrained')
        FigureCanvasAgg(figure)
        rows = figure.subplots(len(statistics), 2, squeeze=False)
        for (lengths, fills), (name, found) in zip(rows, statistics.items(), strict=True):
            frames = np.array(list(found.frames.values()))
            # one bar per integer, or equally many integers per bar
            width = max(1, int(np.ceil((frames.max() - frames.min() + 1) / BINS)))
            edges = np.arange(frames.min(), frames.max() + width + 1, width) - 0.5
            _histogram(lengths, frames, edges, 'frames', 'videos')
            lengths.set_title(f'{name}: {len(frames)} videos', fontsize=9)
            _histogram(fills, found.all_fills, np.linspace(0, 1, BINS + 1), 'mask / box', 'boxes')
            fills.set_title(f'{name}: {len(found.all_fills)} boxes', fontsize=9)
            fills.set_xlim(0, 1)
    return figure


def _histogram(axes: Axes, values: np.ndarray, edges: np.ndarray, xlabel: str, ylabel: str) -> None:
    axes.hist(values, edges, color=J_COLOUR, edgecolor='white', linewidth=0.5)
    if len(values):
        axes.axvline(values.mean(), color='black', linewidth=1, label=f'mean {values.mean():.3g}')
        axes.legend(fontsize=8)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.yaxis.get_major_locator().set_params(integer=True)


def write_statistics(path: str | Path, statistics: Mapping[str, DatasetStatistics]) -> None:
    """Write :func:`plot_statistics` atomically; the suffix of the path selects the format."""
    save_figure(path, plot_statistics(statistics))
