"""Scores over the length of videos, of one method and of several."""

import json
import math
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation.functional import iou_quantile_curves
from vosplug.visualization.time_plots import (
    plot_methods,
    plot_time,
    time_curve,
    time_quantile_curves,
    write_methods_plot,
)

NAN = math.nan
TOOL = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'compare_over_time.py'


def test_time_curve_averages_videos_of_different_lengths():
    curve = time_curve([[1, 0, 0.5], [0.2, 0.6]], points=5)
    assert curve == pytest.approx([0.6, (0.5 + 0.3) / 2, (0 + 0.4) / 2, (0.25 + 0.5) / 2, 0.55])


def test_a_video_of_one_frame_has_its_score_throughout():
    assert time_curve([[0.4]], points=3) == pytest.approx([0.4, 0.4, 0.4])


def test_nan_frames_are_bridged_inside_and_left_out_at_the_ends():
    curve = time_curve([[NAN, 0.2, NAN, 0.6, NAN]], points=5)
    assert curve == pytest.approx([NAN, 0.2, 0.4, 0.6, NAN], nan_ok=True)
    assert time_curve([[NAN, 0.2, 0.4], [1, 1, 1]], points=3) == pytest.approx([1, 0.6, 0.7])
    assert np.isnan(time_curve([[NAN], [NAN, NAN]])).all()


@pytest.mark.parametrize(
    ('series', 'cause'),
    [
        ([], 'at least one object'),
        ([[0.5], []], 'object 1: expected a series'),
        ([[[0.5]]], 'object 0: expected a series'),
        ([[0.5, 50.0]], r'object 0: expected scores in \[0, 1\], found 50'),
    ],
)
def test_wrong_series_are_errors(series, cause):
    with pytest.raises(AnnotationError, match=cause):
        time_curve(series)


def test_quantiles_over_time_take_each_part_of_the_video_as_a_setting():
    curves = time_quantile_curves([[0.1, 0.3, 0.5, 0.7], [NAN, 0.9], [0.8]], bins=2)
    expected = iou_quantile_curves({25: [[0.1, 0.3]], 75: [[0.5, 0.7], [0.9], [0.8]]})
    assert curves.settings.tolist() == [25, 75]
    assert curves.mean == pytest.approx(expected.mean) and curves.mean[1] == pytest.approx(
        (0.6 + 0.9 + 0.8) / 3
    )
    assert curves.quantiles == pytest.approx(expected.quantiles)


def test_parts_without_a_frame_are_left_out():
    assert time_quantile_curves([[0.4]]).settings.tolist() == [55]
    with pytest.raises(AnnotationError, match='found none'):
        time_quantile_curves([[NAN, NAN]])


def test_an_object_that_enters_late_counts_from_then_on():
    per_frame = {'v': {1: {'frames': ['8', '9', '10'], 'J': [1, 1, 1]}, 2: {'frames': ['10'], 'J': [0.5]}}}
    (line,) = plot_time(per_frame).axes[0].lines
    times, scores = line.get_data()
    assert (times[0], times[-1]) == (0, 100)
    assert scores[:-1] == pytest.approx(100) and scores[-1] == pytest.approx(75)


def test_lists_of_different_lengths_are_an_error():
    with pytest.raises(
        AnnotationError, match='sequence v, object 3: expected a J for each of its 2 frames, found 1'
    ):
        plot_time({'v': {3: {'frames': ['0', '1'], 'J': [0.5]}}})


def test_methods_have_a_curve_each_over_the_same_time():
    slow = {'v': {1: {'frames': ['0', '1', '2'], 'J': [0.9, 0.8, 0.7]}}}
    fast = {'v': {'1': {'frames': ['0', '1', '2'], 'J': [0.9, 0.5, 0.1]}}}
    lines = plot_methods({'slow': slow, 'fast': fast}).axes[0].lines
    assert [line.get_label() for line in lines] == ['slow', 'fast']
    assert lines[0].get_ydata()[[0, 50, 100]] == pytest.approx([90, 80, 70])
    assert lines[1].get_ydata()[[0, 50, 100]] == pytest.approx([90, 50, 10])
    assert lines[0].get_color() != lines[1].get_color()


def test_methods_scored_on_other_objects_are_not_compared():
    one = {'v': {1: {'frames': ['0'], 'J': [1]}}}
    two = {'v': {1: {'frames': ['0'], 'J': [1]}, 2: {'frames': ['0'], 'J': [1]}}}
    with pytest.raises(AnnotationError, match='b: expected .* objects of a, .* object 2 of v'):
        plot_methods({'a': one, 'b': two})


def run_tool(monkeypatch, *args) -> None:
    monkeypatch.setattr(sys, 'argv', [str(TOOL), *map(str, args)])
    runpy.run_path(str(TOOL), run_name='__main__')


def test_the_tool_draws_reports_of_eval_masks(tmp_path, monkeypatch):
    for name in 'ab':
        report = {'v': {'1': {'frames': ['0', '1'], 'J': [0.9, 0.8]}}}
        (tmp_path / f'{name}.json').write_text(json.dumps(report))
    out = tmp_path / 'plots' / 'time.png'
    run_tool(monkeypatch, f'with OL={tmp_path}/a.json', tmp_path / 'b.json', '--out', out)
    assert np.array(Image.open(out)).std() > 0


def test_the_tool_takes_files_whose_path_has_an_equals_sign(tmp_path, monkeypatch):
    path = tmp_path / 'lr=0.1' / 'a.json'
    path.parent.mkdir()
    path.write_text(json.dumps({'v': {'1': {'frames': ['0', '1'], 'J': [0.9, 0.8]}}}))
    run_tool(monkeypatch, path, f'b={path}', '--out', tmp_path / 'time.png')
    assert (tmp_path / 'time.png').exists()


@pytest.mark.parametrize('name', ['time.xyz', 'time'])
def test_a_figure_of_an_unknown_format_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match=f'{name}: expected the name of an image, ending in one of .*.png'):
        write_methods_plot(tmp_path / name, {'a': {'v': {'1': {'frames': ['0'], 'J': [0.9]}}}})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (['{}/none.json'], 'none.json: .*not found'),
        (['{}/scores.json'], r'scores\.json: expected .*--per-frame'),
        (['{}/list.json'], r'list\.json: expected .*--per-frame'),
        (['{}/numbers.json'], r'numbers\.json: expected .*--per-frame'),
        (['x={}/a.json', 'x={}/a.json'], "'x' twice"),
    ],
)
def test_the_tool_names_what_is_wrong(tmp_path, monkeypatch, args, message):
    (tmp_path / 'a.json').write_text(json.dumps({'v': {'1': {'frames': ['0'], 'J': [1]}}}))
    (tmp_path / 'scores.json').write_text(json.dumps({'global': {'J-Mean': 1}}))
    (tmp_path / 'list.json').write_text('[1]')
    (tmp_path / 'numbers.json').write_text('{"J": 1}')
    with pytest.raises(SystemExit, match=message):
        run_tool(monkeypatch, *[arg.format(tmp_path) for arg in args], '--out', tmp_path / 'x.png')
