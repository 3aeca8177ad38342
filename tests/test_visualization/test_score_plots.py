"""Plots of an evaluation show the right numbers, whatever was scored."""

import math

import numpy as np
import pytest
from PIL import Image

from vosplug.errors import AnnotationError
from vosplug.evaluation.functional import IOU_QUANTILES, iou_quantile_curves
from vosplug.visualization.score_plots import (
    MAX_HEIGHT,
    plot_attributes,
    plot_quantiles,
    plot_sequences,
    write_score_plots,
)

NAN = math.nan
ATTRIBUTES = {'video 0': ['OCC', 'FM'], 'video 1': ['FM'], 'video 2': []}


def reports(count: int = 3, with_f: bool = True) -> tuple[dict, dict]:
    """``per_object`` and ``per_frame`` of videos with two objects, the second from frame 2 on."""
    random = np.random.default_rng(0)
    per_object, per_frame = {}, {}
    for v in range(count):
        per_object[f'video {v}'], per_frame[f'video {v}'] = {}, {}
        for object_id, start in ((1, 0), (2, 2)):
            frames = [f'{t:05d}' for t in range(start, 8 + v % 5)]
            scores = {m: random.uniform(0.3, 0.9, len(frames)).tolist() for m in ('JF' if with_f else 'J')}
            per_frame[f'video {v}'][object_id] = {'frames': frames, **scores}
            per_object[f'video {v}'][object_id] = {f'{m}-Mean': float(np.mean(s)) for m, s in scores.items()}
    return per_object, per_frame


def label_boxes(figure) -> list:
    figure.canvas.draw()
    return [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]


@pytest.mark.parametrize('settings', [(1, 5, 10), (5,)])
def test_bands_lie_between_symmetric_quantiles(settings):
    curves = iou_quantile_curves({s: [[0.1, 0.4, 0.5, 0.9], [0.3, 0.8]] for s in settings})
    axes = plot_quantiles(curves, 'annotated frames (%)').axes[0]
    assert axes.get_xlabel() == 'annotated frames (%)'
    for i, band in enumerate(axes.collections):
        heights = band.get_paths()[0].vertices[:, 1]
        low, high = 100 * curves.quantiles[0, [i, -1 - i]]
        assert (heights.min(), heights.max()) == pytest.approx((low, high))
    assert len(axes.collections) == len(IOU_QUANTILES) / 2
    assert axes.lines[0].get_ydata() == pytest.approx(100 * curves.mean[0])


def test_of_a_baseline_the_mean_is_drawn():
    curves, baseline = (iou_quantile_curves({1: [[a, b]], 5: [[b]]}) for a, b in ((0.4, 0.8), (0.2, 0.5)))
    _, line = plot_quantiles(curves, 'annotated frames (%)', baseline).axes[0].lines
    assert line.get_xdata().tolist() == [1, 5] and line.get_ydata() == pytest.approx([35, 50])


def test_other_quantiles_are_an_error():
    with pytest.raises(AnnotationError, match=r'found shape \(1, 2\)'):
        plot_quantiles(iou_quantile_curves({1: [[0.5]]}, (0.1, 0.9)), 'setting')


def test_attribute_bars_show_scores_and_gains():
    per_object = {f'video {v}': {1: {'J-Mean': j}} for v, j in enumerate((0.2, 0.6, 0.9))}
    axes = plot_attributes(per_object, {**ATTRIBUTES, 'not scored': ['DB']}).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ['FM\n(2)', 'OCC\n(1)']
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([40, 20, 90, 75])
    assert [text.get_text() for text in axes.texts] == ['+50.0', '+55.0']
    with pytest.raises(AnnotationError, match='sequence with an attribute, found none'):
        plot_attributes(per_object, {'video 0': []})


def test_sequences_are_sorted_by_j_with_the_mean_of_all_objects():
    per_object = {
        'low': {1: {'J-Mean': 0.1, 'F-Mean': 0.9}},
        'high': {1: {'J-Mean': 0.7, 'F-Mean': 0.5}, 2: {'J-Mean': 0.9, 'F-Mean': NAN}},
        'none': {1: {'J-Mean': NAN, 'F-Mean': NAN}},
    }
    axes = plot_sequences(per_object).axes[0]
    labels = {label.get_position()[1]: label.get_text() for label in axes.get_yticklabels()}
    assert [labels[y] for y in sorted(labels)] == ['none', 'low', 'high']
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([NAN, 10, 80, NAN, 90, 50], nan_ok=True)
    assert [line.get_xdata()[0] for line in axes.lines] == pytest.approx([170 / 3, 70])
    with pytest.raises(AnnotationError, match='J-Mean, found none'):
        plot_sequences({'none': per_object['none']})


@pytest.mark.parametrize('count', [1, 200, 600])
def test_labels_of_sequences_do_not_overlap(count):
    figure = plot_sequences(reports(count)[0])
    assert figure.get_figheight() <= MAX_HEIGHT
    boxes = sorted(label_boxes(figure), key=lambda box: box.y0)
    assert len(boxes) >= min(count, 200)
    assert all(below.y1 <= above.y0 for below, above in zip(boxes, boxes[1:], strict=False))


@pytest.mark.parametrize('with_f', [True, False])
def test_written_plots_open_and_are_not_blank(tmp_path, with_f):
    paths = write_score_plots(tmp_path / 'out', *reports(with_f=with_f), ATTRIBUTES)
    names = ['attributes.png', 'quantiles.png', 'sequences.png', 'time.png']
    assert sorted(p.name for p in paths) == names == sorted(p.name for p in (tmp_path / 'out').iterdir())
    for path in paths:
        with Image.open(path) as picture:
            assert picture.format == 'PNG' and min(picture.size) > 200
            assert len(picture.convert('RGB').getcolors(1 << 24)) > 50


def test_only_what_has_scores_is_written(tmp_path):
    per_object, per_frame = reports()
    assert [p.name for p in write_score_plots(tmp_path, per_object, {})] == ['sequences.png']
    assert [p.name for p in write_score_plots(tmp_path, {}, per_frame)] == ['time.png', 'quantiles.png']
    empty = {'v': {1: {'frames': ['0'], 'J': [NAN]}}}
    assert write_score_plots(tmp_path, {'v': {1: {'J-Mean': None}}}, empty, {'v': ['FM']}) == []
    assert 'attributes.png' not in {
        p.name for p in write_score_plots(tmp_path, per_object, {}, {'video 0': []})
    }


def test_attributes_of_another_dataset_are_an_error(tmp_path):
    with pytest.raises(AnnotationError, match='given for dog'):
        write_score_plots(tmp_path, *reports(), {'dog': ['FM']})
