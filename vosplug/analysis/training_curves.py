"""Plots of training logs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import ConfigError
from ..files import is_file
from ..visualization.plot_style import STYLE, save_figure

COLUMNS = 3
Curve = dict[int, float]  # step -> value


def read_scalars(work_dir: str | Path) -> dict[str, Curve]:
    """Read all scalars that mmengine's local backend logged for a run, including resumed ones.

    Args:
        work_dir: folder of the run, or one of its logs (``vis_data/*.json``). If a resumed run repeated a
            step, the later value counts.

    Returns:
        dict: name -> step -> value.

    Raises:
        ConfigError: no log found, or a file is damaged.
    """
    folder = Path(work_dir)
    # folder names are timestamps
    files = [folder] if is_file(folder) else sorted(folder.glob('*/vis_data/scalars.json'))
    curves: dict[str, Curve] = {}
    for path in files:
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
            try:
                entry = json.loads(line)
                step = entry['step']
            except (ValueError, KeyError) as error:
                raise ConfigError(
                    f'{path}, line {number}: expected a JSON object with a step ({error}).'
                ) from error
            for name, value in entry.items():
                if name not in ('iter', 'step') and isinstance(value, int | float):
                    curves.setdefault(name, {})[step] = value
    if not curves:
        raise ConfigError(
            f'{work_dir}: found no */vis_data/scalars.json with numbers; expected the folder of a training '
            '(work_dirs/NAME) that logs with LocalVisBackend, or a log of it (vis_data/*.json).'
        )
    return curves


def read_runs(logs: Sequence[str | Path], labels: Sequence[str] | None = None) -> dict[str, dict[str, Curve]]:
    """Scalars of several runs by label; by default a run's folder name, or its path if names repeat.

    Args:
        logs: see :func:`read_scalars`.
        labels: one per run.

    Raises:
        ConfigError: see :func:`read_scalars`; two labels are the same.
    """
    if labels is None:
        # a log is in <run>/<time>/vis_data/
        runs = [Path(log).resolve().parents[2] if is_file(log) else Path(log).resolve() for log in logs]
        labels = [run.name for run in runs]
        if len(set(labels)) < len(labels):
            labels = [str(log) for log in logs]
    if len(set(labels)) < len(labels):
        raise ConfigError(f'labels of runs: found {list(labels)}, expected distinct ones.')
    return {label: read_scalars(log) for label, log in zip(labels, logs, strict=True)}


def write_training_curves(
    path: str | Path,
    runs: Mapping[str, Mapping[str, Curve]],
    names: Sequence[str] | None = None,
    title: str | None = None,
) -> None:
    """Plot logged scalars over the iterations, with one panel per scalar and one line per run.

    Args:
        path: image file, in a format of matplotlib.
        runs: label -> :func:`read_scalars`.
        names: scalars to draw; None: every loss that is not 0 throughout, and their sum if there are several.
        title: title above the panels.

    Raises:
        ConfigError: no run logged one of the names.
    """
    known = list(dict.fromkeys(name for curves in runs.values() for name in curves))
    if names is None:
        names = _losses(known, runs)
    missing = [name for name in names if name not in known]
    if missing or not names:
        raise ConfigError(f'no run logged {missing or "a loss"}; they logged {known}.')
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(3.2 * columns, 2.6 * rows + 0.4), layout='constrained')
        panels = figure.subplots(rows, columns, squeeze=False).flatten()
        for panel, name in zip(panels, names, strict=False):
            _draw(panel, name, runs)
        for panel in panels[len(names) :]:
            panel.set_axis_off()
        lines = panels[0].get_legend_handles_labels()
        figure.legend(*lines, title=title, loc='outside upper center', ncols=columns, fontsize=8)
        save_figure(path, figure)


def _losses(known: Sequence[str], runs: Mapping[str, Mapping[str, Curve]]) -> list[str]:
    """Losses that are not 0 throughout; their sum, ``loss``, only if it is not one of them."""
    losses = [
        n for n in known if n.startswith('loss') and any(any(c.get(n, {}).values()) for c in runs.values())
    ]
    same = [n for n in losses if n != 'loss' and all(c.get(n) == c.get('loss') for c in runs.values())]
    return [n for n in losses if n != 'loss'] if same else losses


def _draw(panel: Axes, name: str, runs: Mapping[str, Mapping[str, Curve]]) -> None:
    for number, (label, curves) in enumerate(runs.items()):
        points = sorted(curves.get(name, {}).items())
        # each run keeps its colour, also in panels without its curve
        panel.plot([s for s, _ in points], [v for _, v in points], f'C{number}', label=label, linewidth=1.2)
    panel.set_xlabel('iteration')
    panel.set_ylabel(name)
    if name.startswith('loss'):
        panel.set_ylim(bottom=0)
