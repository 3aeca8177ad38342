"""Score plots: over time, quantiles, by attribute and by sequence."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..atomic import atomic_path
from ..errors import AnnotationError
from ..evaluation.attributes import attribute_scores, sequence_means
from ..evaluation.functional import IOU_QUANTILES, QuantileCurves, iou_quantile_curves

ObjectScores = Mapping[str, Mapping[int | str, Mapping[str, float]]]
PerFrame = Mapping[str, Mapping[int | str, Mapping[str, Sequence]]]

J_COLOUR, F_COLOUR = '#0072b2', '#e69f00'  # Okabe and Ito: distinguishable with any colour vision
MEASURES = {'J': J_COLOUR, 'F': F_COLOUR}
PALE = '#a9c9de'
BANDS = ('#d9e8f2', '#b3d2e5', '#8cbbd8', '#66a5cb')  # outermost first; opaque, so that the legend shows them
TIME_LABEL = 'time (% of the video)'
DPI = 150
MAX_HEIGHT = 24.0  # inches, with 200 sequences at a label each
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


def time_curve(series: Sequence[Sequence[float]], points: int = 101) -> np.ndarray:
    """Mean score over the normalised time of videos of any length (Xu et al., ECCV 2018, Fig. 3).

    Frame i of N lies at i / (N - 1) of its video; a video of one frame has that score throughout. NaN
    frames are interpolated linearly between their neighbours; before the first and after the last valid
    frame the object is ignored. Each point is the mean over the objects that are not ignored there.

    Args:
        series: per object the scores of its video's frames, in [0, 1] or NaN.
        points: of the grid, from the first frame to the last; at least 2.

    Returns:
        np.ndarray: float64 (points,), in [0, 1]; NaN where all objects are ignored.

    Raises:
        AnnotationError: no series, an empty one, or a value outside [0, 1].
    """
    if not len(series):
        raise AnnotationError('time_curve: expected the scores of at least one object, found none.')
    grid = np.linspace(0, 1, points)
    total, count = np.zeros(points), np.zeros(points)
    for i, values in enumerate(series):
        values = _checked_scores(values, f'object {i}')
        if len(values) == 1:
            values = values.repeat(2)
        known = ~np.isnan(values)
        if known.any():
            times = np.linspace(0, 1, len(values))
            resampled = np.interp(grid, times[known], values[known], left=np.nan, right=np.nan)
            total += np.nan_to_num(resampled)
            count += ~np.isnan(resampled)
    return np.divide(total, count, out=np.full(points, np.nan), where=count > 0)


def time_quantile_curves(series: Sequence[Sequence[float]], bins: int = 10) -> QuantileCurves:
    """Mean and quantiles of all objects' frames in each part of the video.

    Uses each part of normalised time as one setting of :func:`iou_quantile_curves`: the quantiles are
    over frames, the mean is over objects. Frame i of N covers [i, i + 1] / N of its video and belongs to
    the part that contains its middle. NaN frames and parts without frames are ignored.

    Args:
        series: per object the scores of its video's frames, in [0, 1] or NaN.
        bins: parts of equal length.

    Returns:
        QuantileCurves: ``settings`` are the middles of the parts, in percent of the video.

    Raises:
        AnnotationError: no score, an empty series, or a value outside [0, 1].
    """
    parts: dict[float, list[np.ndarray]] = {}
    for i, values in enumerate(series):
        values = _checked_scores(values, f'object {i}')
        part = ((np.arange(len(values)) + 0.5) / len(values) * bins).astype(int)
        for b in range(bins):
            frames = values[(part == b) & ~np.isnan(values)]
            if len(frames):
                parts.setdefault(100 * (b + 0.5) / bins, []).append(frames)
    return iou_quantile_curves(parts)


def plot_time(per_frame: PerFrame) -> Figure:
    """J, and F if present, over normalised video time; see :func:`time_curve`.

    Args:
        per_frame: sequence -> object id -> ``frames`` (names), ``J`` and optionally ``F``, of one length.

    Raises:
        AnnotationError: lists of different lengths, no object, or a value outside [0, 1].
    """
    curves = {measure: 100 * time_curve(_video_series(per_frame, measure)) for measure in MEASURES}
    with _axes(6.4, 3.8) as (figure, axes):
        for measure, mean in curves.items():
            if not np.isnan(mean).all():
                time, label = np.linspace(0, 100, len(mean)), f'${measure}$, mean of objects'
                axes.plot(time, mean, color=MEASURES[measure], linewidth=2, label=label)
        low, high = axes.get_ylim()
        axes.set(xlim=(0, 100), ylim=(max(low, 0), min(high, 100)), xlabel=TIME_LABEL, ylabel='score (%)')
        _legend(figure)
    return figure


def plot_quantiles(curves: QuantileCurves, xlabel: str, baseline: QuantileCurves | None = None) -> Figure:
    """Mean IoU over the settings of an experiment, in front of bands between its quantiles.

    Perazzi et al., CVPR 2017, Fig. 4. For settings of an experiment take the curves from
    :func:`iou_quantile_curves`, for the time of one evaluation from :func:`time_quantile_curves`.

    Args:
        curves: with ``IOU_QUANTILES``, which pair up to symmetric bands.
        xlabel: what a setting is, with its unit.
        baseline: another method, of which only the mean is drawn.

    Raises:
        AnnotationError: a wrong number of quantiles.
    """
    if curves.quantiles.shape != (len(curves.settings), len(IOU_QUANTILES)):
        raise AnnotationError(
            f'plot_quantiles: expected {len(IOU_QUANTILES)} quantiles of {len(curves.settings)} settings, '
            f'found shape {curves.quantiles.shape}. Compute the curves with the default quantiles.'
        )
    x, mean, quantiles = curves.settings, 100 * curves.mean, 100 * curves.quantiles
    if len(x) == 1:  # a band needs a width
        x, mean, quantiles = x + [-0.5, 0.5], mean.repeat(2), quantiles.repeat(2, axis=0)
    with _axes(6.4, 4.2) as (figure, axes):
        for i in range(len(BANDS)):
            low, high = IOU_QUANTILES[i], IOU_QUANTILES[-1 - i]
            label = f'{100 * low:g} to {100 * high:g} % quantile'
            band = quantiles[:, i], quantiles[:, -1 - i]
            axes.fill_between(x, *band, label=label, color=BANDS[i], linewidth=0)
        axes.plot(x, mean, color='black', linewidth=1.8, marker='o', markersize=3.5, label='mean')
        if baseline is not None:
            style = dict(color='black', linestyle='--', linewidth=1.2, marker='.', label='baseline, mean')
            axes.plot(baseline.settings, 100 * baseline.mean, **style)
        axes.set(ylim=(0, 100), xlabel=xlabel, ylabel='$J$ (%)')
        axes.margins(x=0.02)
        _legend(figure)
    return figure


def plot_attributes(per_object: ObjectScores, attributes: Mapping[str, Sequence[str]]) -> Figure:
    """Mean J of the sequences with and without each attribute.

    The bars of one method in Fig. 5 of Perazzi et al., CVPR 2017, with the gain of DAVIS's Table 3 above;
    see :func:`attribute_scores`. Attributes without a scored sequence are not drawn.

    Args:
        per_object: sequence -> object id -> statistic -> value, ``J-Mean`` among them.
        attributes: sequence -> its attributes.

    Raises:
        AnnotationError: ``attributes`` names none of the sequences, or none of them has an attribute.
        ConfigError: no object has a ``J-Mean``.
    """
    scores = {a: s for a, s in attribute_scores(per_object, attributes).items() if not np.isnan(s[0])}
    if not scores:
        raise AnnotationError('plot_attributes: expected a scored sequence with an attribute, found none.')
    order = sorted(scores, key=lambda a: -scores[a][0])
    own, rest = 100 * np.array([scores[a] for a in order]).T
    x = np.arange(len(order))
    scored = [s for s, mean in sequence_means(per_object, 'J-Mean').items() if not np.isnan(mean)]
    counts = [sum(a in attributes.get(s, ()) for s in scored) for a in order]
    with _axes(max(4.5, 1.2 + 0.5 * len(order)), 3.8) as (figure, axes):
        axes.bar(x - 0.2, own, 0.4, color=J_COLOUR, label='sequences with the attribute')
        axes.bar(x + 0.2, rest, 0.4, color=PALE, label='sequences without it')
        for i, gain in enumerate(rest - own):
            if not np.isnan(gain):
                top = max(own[i], rest[i]) + 1
                axes.text(i, top, f'{gain:+.1f}'.replace('-', '−'), ha='center', va='bottom', fontsize=8)
        axes.set_xticks(x, [f'{a}\n({n})' for a, n in zip(order, counts, strict=True)])
        axes.grid(False, axis='x')
        axes.set(xlim=(-0.7, len(order) - 0.3), ylim=(0, 108), yticks=range(0, 101, 20))
        axes.set_ylabel('$J$, mean of sequences (%)')
        axes.set_xlabel('attribute (sequences with it); above the bars: without − with')
        _legend(figure)
    return figure


def plot_sequences(per_object: ObjectScores) -> Figure:
    """J and F of each sequence, best J at the top, with the mean over all objects as a line.

    The figure grows with the number of sequences up to ``MAX_HEIGHT``; beyond that, labels are skipped.

    Args:
        per_object: sequence -> object id -> statistic -> value: ``J-Mean`` and optionally ``F-Mean``.

    Raises:
        AnnotationError: no object has a J-Mean.
    """
    means = {m: sequence_means(per_object, f'{m}-Mean') for m in MEASURES}
    means = {m: values for m, values in means.items() if not np.isnan([*values.values()]).all()}
    if 'J' not in means:
        raise AnnotationError('plot_sequences: expected objects with a J-Mean, found none.')
    order = sorted(per_object, key=lambda name: np.nan_to_num(means['J'][name], nan=-1))
    height = min(1.5 + 0.24 * len(order), MAX_HEIGHT)
    row = 72 * (height - 1.5) / len(order)  # points
    font = float(np.clip(0.8 * row, 5.5, 9))
    step = int(np.ceil(1.15 * font / row))
    bar = 0.8 / len(means)
    with _axes(7.0, height) as (figure, axes):
        for k, (measure, values) in enumerate(means.items()):
            y = np.arange(len(order)) + (len(means) - 1 - 2 * k) * bar / 2
            axes.barh(y, [100 * values[n] for n in order], bar, color=MEASURES[measure], label=f'${measure}$')
            overall = 100 * _object_mean(per_object, f'{measure}-Mean')
            line = dict(color='black', linestyle='-' if measure == 'J' else '--', linewidth=1)
            axes.axvline(overall, label=f'mean ${measure}$ of all objects: {overall:.1f}', **line)
        shown = np.arange(len(order))[::-1][::step]
        axes.set_yticks(shown, [order[i] for i in shown], fontsize=font)
        axes.tick_params(axis='y', length=0)
        axes.grid(False, axis='y')
        axes.set(xlim=(0, 100), ylim=(-0.6, len(order) - 0.4), xlabel='mean of the objects (%)')
        _legend(figure)
    return figure


def write_score_plots(
    folder: str | Path,
    per_object: ObjectScores,
    per_frame: PerFrame,
    attributes: Mapping[str, Sequence[str]] | None = None,
) -> list[Path]:
    """Write the plots for which there are scores, as PNG, each atomically.

    ``time.png`` and ``quantiles.png`` need frames with a J, ``sequences.png`` and ``attributes.png``
    objects with a J-Mean, and the last also a scored sequence with an attribute.

    Args:
        folder: created if missing.
        per_object: sequence -> object id -> statistic -> value; NaN and None mean no number.
        per_frame: sequence -> object id -> ``frames`` (names), ``J`` and maybe ``F``, of one length.
        attributes: sequence -> its attributes; see :func:`read_attributes`.

    Returns:
        list: the files written.

    Raises:
        AnnotationError: scores of frames that do not fit or lie outside [0, 1], or ``attributes`` that
            name none of the scored sequences.
    """
    figures = {}
    series = _video_series(per_frame, 'J')
    if any(not np.isnan(values).all() for values in series):
        figures['time'] = plot_time(per_frame)
        figures['quantiles'] = plot_quantiles(time_quantile_curves(series), TIME_LABEL)
    if not np.isnan(_object_mean(per_object, 'J-Mean')):
        figures['sequences'] = plot_sequences(per_object)
        if attributes is not None:
            scores = attribute_scores(per_object, attributes)
            if not np.isnan([score for score, _ in scores.values()]).all():
                figures['attributes'] = plot_attributes(per_object, attributes)
    paths = []
    for name, figure in figures.items():
        paths.append(Path(folder) / f'{name}.png')
        with atomic_path(paths[-1]) as partial:
            figure.savefig(partial, dpi=DPI)
    return paths


def _video_series(per_frame: PerFrame, measure: str) -> list[np.ndarray]:
    """Scores of each object at all scored frames of its sequence; NaN where it is not scored."""
    series = []
    for sequence, objects in per_frame.items():
        # shorter first, so that frame 10 follows frame 9 if names are not padded
        names = sorted({name for o in objects.values() for name in o['frames']}, key=lambda n: (len(n), n))
        index = {name: i for i, name in enumerate(names)}
        for object_id, scores in objects.items():
            values, frames = scores.get(measure, [np.nan] * len(scores['frames'])), scores['frames']
            if len(values) != len(frames):
                raise AnnotationError(
                    f'sequence {sequence}, object {object_id}: expected a {measure} for each of its '
                    f'{len(frames)} frames, found {len(values)}.'
                )
            if names:
                series.append(np.full(len(names), np.nan))
                series[-1][[index[name] for name in frames]] = np.array(values, np.float64)
    return series


def _object_mean(per_object: ObjectScores, statistic: str) -> float:
    values = [scores.get(statistic) for objects in per_object.values() for scores in objects.values()]
    known = [value for value in np.array(values, np.float64) if not np.isnan(value)]
    return float(np.mean(known)) if known else float('nan')


def _checked_scores(values: Sequence[float], where: str) -> np.ndarray:
    values = np.array(values, np.float64)
    if values.ndim != 1 or not len(values):
        raise AnnotationError(f'{where}: expected a series of scores, found shape {values.shape}.')
    wrong = values[(values < 0) | (values > 1)]
    if len(wrong):
        raise AnnotationError(f'{where}: expected scores in [0, 1], found {wrong[0]}.')
    return values


@contextmanager
def _axes(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout='constrained')
        FigureCanvasAgg(figure)
        yield figure, figure.add_subplot()


def _legend(figure: Figure) -> None:
    """Place the legend above the axes."""
    entries = len(figure.axes[0].get_legend_handles_labels()[0])
    columns = entries if entries <= 3 else (entries + 1) // 2
    figure.legend(loc='outside upper center', ncols=columns, fontsize=8)
