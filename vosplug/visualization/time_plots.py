"""Scores over the length of videos."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..errors import AnnotationError
from ..evaluation.functional import QuantileCurves, iou_quantile_curves
from .plot_style import MEASURES, METHOD_COLOURS, legend_above, save_figure, single_axes

PerFrame = Mapping[str, Mapping[Any, Mapping[str, Sequence]]]

TIME_LABEL = 'time (% of the video)'


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
    curves = {measure: 100 * time_curve(video_series(per_frame, measure)) for measure in MEASURES}
    with single_axes(6.4, 3.8) as (figure, axes):
        for measure, mean in curves.items():
            if not np.isnan(mean).all():
                time, label = np.linspace(0, 100, len(mean)), f'${measure}$, mean of objects'
                axes.plot(time, mean, color=MEASURES[measure], linewidth=2, label=label)
        _finish(figure, 'score (%)')
    return figure


def plot_methods(methods: Mapping[str, PerFrame]) -> Figure:
    """J of several methods over normalised video time (Xu et al. 2018, Fig. 3); see :func:`time_curve`.

    Args:
        methods: label -> scores of frames, as for :func:`plot_time`, of the same objects.

    Raises:
        AnnotationError: methods that are scored on other objects than the first, or scores out of range.
    """
    scored: dict[str, set] = {
        label: {(video, str(i)) for video, objects in scores.items() for i in objects}
        for label, scores in methods.items()
    }
    first = next(iter(scored), None)
    for label, objects in scored.items():
        other = objects ^ scored[first]
        if other:
            video, i = min(other)
            raise AnnotationError(
                f'{label}: expected scores of the objects of {first}, but only one of the two has object {i} '
                f'of {video} ({len(other)} differ). Compare methods on the same videos.'
            )
    with single_axes(6.4, 3.8) as (figure, axes):
        for k, (label, scores) in enumerate(methods.items()):
            mean = 100 * time_curve(video_series(scores, 'J'))
            colour, style = METHOD_COLOURS[k % len(METHOD_COLOURS)], '-' if k < len(METHOD_COLOURS) else '--'
            time = np.linspace(0, 100, len(mean))
            axes.plot(time, mean, color=colour, linestyle=style, linewidth=2, label=label)
        _finish(figure, '$J$, mean of objects (%)')
    return figure


def write_methods_plot(path: str | Path, methods: Mapping[str, PerFrame]) -> None:
    """Write :func:`plot_methods` as PNG, atomically."""
    save_figure(path, plot_methods(methods))


def _finish(figure: Figure, ylabel: str) -> None:
    axes = figure.axes[0]
    low, high = axes.get_ylim()
    axes.set(xlim=(0, 100), ylim=(max(low, 0), min(high, 100)), xlabel=TIME_LABEL, ylabel=ylabel)
    legend_above(figure)


def video_series(per_frame: PerFrame, measure: str) -> list[np.ndarray]:
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


def _checked_scores(values: Sequence[float], where: str) -> np.ndarray:
    values = np.array(values, np.float64)
    if values.ndim != 1 or not len(values):
        raise AnnotationError(f'{where}: expected a series of scores, found shape {values.shape}.')
    wrong = values[(values < 0) | (values > 1)]
    if len(wrong):
        raise AnnotationError(f'{where}: expected scores in [0, 1], found {wrong[0]}.')
    return values
