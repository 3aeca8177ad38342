"""Score plots: quantiles, by attribute and by sequence."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..errors import AnnotationError
from ..evaluation.attributes import attribute_scores, sequence_means
from ..evaluation.functional import IOU_QUANTILES, QuantileCurves
from .plot_style import BANDS, J_COLOUR, MEASURES, PALE, legend_above, save_figure, single_axes
from .time_plots import TIME_LABEL, PerFrame, plot_time, time_quantile_curves, video_series

ObjectScores = Mapping[str, Mapping[Any, Mapping[str, float]]]

MAX_HEIGHT = 24.0  # inches, with 200 sequences at a label each


def plot_quantiles(curves: QuantileCurves, xlabel: str, baseline: QuantileCurves | None = None) -> Figure:
    """Mean IoU over the settings of an experiment, in front of bands between its quantiles.

    Perazzi et al., CVPR 2017, Fig. 4. For settings of an experiment take the curves from
    :func:`iou_quantile_curves`, for the time of one evaluation from :func:`time_quantile_curves`.

    Args:
        curves: curves at the ``IOU_QUANTILES``, which pair up into symmetric bands.
        xlabel: meaning of a setting, with its unit.
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
    with single_axes(6.4, 4.2) as (figure, axes):
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
        legend_above(figure)
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
    with single_axes(max(4.5, 1.2 + 0.5 * len(order)), 3.8) as (figure, axes):
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
        legend_above(figure)
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
    with single_axes(7.0, height) as (figure, axes):
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
        legend_above(figure)
    return figure


def write_score_plots(
    folder: str | Path,
    per_object: ObjectScores,
    per_frame: PerFrame,
    attributes: Mapping[str, Sequence[str]] | None = None,
) -> list[Path]:
    """Write the plots that have scores, as PNG, each atomically.

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
    series = video_series(per_frame, 'J')
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
        save_figure(paths[-1], figure)
    return paths


def _object_mean(per_object: ObjectScores, statistic: str) -> float:
    values = [scores.get(statistic) for objects in per_object.values() for scores in objects.values()]
    known = [value for value in np.array(values, np.float64) if not np.isnan(value)]
    return float(np.mean(known)) if known else float('nan')
