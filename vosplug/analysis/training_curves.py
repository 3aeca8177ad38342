"""Plots of training logs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..atomic import atomic_path
from ..errors import ConfigError
from ..visualization.plot_style import DPI, STYLE

COLUMNS = 3
Curve = dict[int, float]  # step -> value


def read_scalars(work_dir: str | Path) -> dict[str, Curve]:
    """Read all scalars that mmengine's local backend logged for a run, including resumed ones.

    Args:
        work_dir: folder of the run. If a resumed run repeated a step, the later value counts.

    Returns:
        dict: name -> step -> value.

    Raises:
        ConfigError: no log found, or a file is damaged.
    """
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))  # folder names are timestamps
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
            '(work_dirs/NAME), logged with LocalVisBackend.'
        )
    return curves


def write_training_curves(
    path: str | Path, runs: Mapping[str, Mapping[str, Curve]], names: Sequence[str] | None = None
) -> None:
    """One panel per logged number, one line per run.

    Args:
        path: image file, in a format of matplotlib.
        runs: label -> :func:`read_scalars`.
        names: scalars to draw; None: every loss that is not 0 throughout.

    Raises:
        ConfigError: no run logged one of the names.
    """
    known = list(dict.fromkeys(name for curves in runs.values() for name in curves))
    if names is None:
        names = [
            n
            for n in known
            if n.startswith('loss') and any(any(c.get(n, {}).values()) for c in runs.values())
        ]
    missing = [name for name in names if name not in known]
    if missing or not names:
        raise ConfigError(f'no run logged {missing or "a loss"}; there are {known}.')
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(3.2 * columns, 2.4 * rows + 0.4), layout='constrained')
        FigureCanvasAgg(figure)
        panels = figure.subplots(rows, columns, squeeze=False).flatten()
        for panel, name in zip(panels, names, strict=False):
            _draw(panel, name, runs)
        for panel in panels[len(names) :]:
            panel.set_axis_off()
        lines = panels[0].get_legend_handles_labels()
        figure.legend(*lines, loc='outside upper center', ncols=columns, fontsize=8)
        with atomic_path(Path(path)) as partial:
            figure.savefig(partial, dpi=DPI)


def _draw(panel: Axes, name: str, runs: Mapping[str, Mapping[str, Curve]]) -> None:
    for number, (label, curves) in enumerate(runs.items()):
        points = sorted(curves.get(name, {}).items())
        # each run keeps its colour, also in panels without its curve
        panel.plot([s for s, _ in points], [v for _, v in points], f'C{number}', label=label, linewidth=1.2)
    panel.set_title(name)
    panel.set_ylim(bottom=0)
