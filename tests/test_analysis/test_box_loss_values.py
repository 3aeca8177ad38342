"""What losses say about masks that are wrong in a known way."""

import json
import math
import runpy
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from vosplug.analysis.box_loss_values import box_loss_values
from vosplug.errors import ConfigError

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'box_loss_values.py'
CONFIG = """
model = dict(
    data_preprocessor=dict(type='VOSDataPreprocessor'),
    decode_head=dict(
        loss_box=[
            dict(type='BoxProjectionLoss', reduce='object', dice='smooth'),
            dict(type='ColorPairwiseLoss', kernel_size=3, dilation=1, threshold=0.3),
        ]
    ),
)
train_dataloader = dict(
    dataset=dict(
        type='SyntheticVOS', num_videos=3, num_frames=6, size=(48, 64), supervision='mask',
        clip_sampler=dict(num_frames=3, max_gap=1),
        pipeline=[dict(type='LoadClip'), dict(type='ClipRandomFlip'), dict(type='PackClip')],
    )
)
"""


@pytest.fixture
def config(tmp_path) -> Path:
    path = tmp_path / 'synthetic.py'
    path.write_text(CONFIG)
    return path


def test_masks_and_boxes_satisfy_the_projection_and_wrong_boxes_do_not(config):
    values = {k: v['loss_projection'] for k, v in box_loss_values(Config.fromfile(config), 2, 3).items()}
    assert values['filled boxes'] < 0.001
    wrong = min(values[k] for k in values if ' x ' in k)
    assert values['true masks'] < 0.05 < wrong, 'an occluded object may leave rows of its box empty'
    for side in ('width', 'height'):
        assert values[f'{side} x 0.5'] == pytest.approx(1 / 3, abs=0.1), 'a dice of 2/3 on one of two axes'


def test_the_pairwise_loss_prefers_masks_to_boxes(config):
    values = {k: v['loss_pairwise'] for k, v in box_loss_values(Config.fromfile(config), 2, 3).items()}
    assert values['true masks'] < values['filled boxes']
    assert all(math.isfinite(v) and v >= 0 for v in values.values())


def test_values_have_the_weight_of_their_loss(config):
    cfg = Config.fromfile(config)
    once = box_loss_values(cfg, 1, 2)
    cfg.model.decode_head.loss_box[0].loss_weight = 4.0
    four = box_loss_values(cfg, 1, 2)
    for name, found in once.items():
        assert four[name]['loss_projection'] == pytest.approx(4 * found['loss_projection'], rel=1e-5)
        assert four[name]['loss_pairwise'] == found['loss_pairwise']


def test_the_seed_decides_on_clips_and_noise(config):
    cfg = Config.fromfile(config)
    assert box_loss_values(cfg, 1, 2) == box_loss_values(cfg, 1, 2)
    assert box_loss_values(cfg, 1, 2)['smooth noise'] != box_loss_values(cfg, 1, 2, seed=1)['smooth noise']


def test_data_that_has_boxes_only_has_no_true_masks(config):
    cfg = Config.fromfile(config)
    with_masks = box_loss_values(cfg, 1, 2)
    cfg.train_dataloader.dataset.supervision = 'box'
    with_boxes = box_loss_values(cfg, 1, 2)
    assert set(with_masks) - set(with_boxes) == {'true masks'}
    assert with_boxes['width x 0.5'] == pytest.approx(with_masks['width x 0.5'])


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        ({'model.decode_head.loss_box': []}, 'decode_head.loss_box: empty'),
        ({'model': {}}, 'decode_head.loss_box: empty or missing'),
        ({'train_dataloader': None}, 'train_dataloader: missing'),
    ],
)
def test_what_is_missing_is_named(config, changes, said):
    cfg = Config.fromfile(config)
    for key, value in changes.items():
        *parents, last = key.split('.')
        part = cfg
        for parent in parents:
            part = part[parent]
        part[last] = value
    with pytest.raises(ConfigError, match=said):
        box_loss_values(cfg, 1, 1)


def run_tool(monkeypatch, *args: object) -> None:
    monkeypatch.setattr(sys, 'argv', [TOOL.name, *map(str, args)])
    runpy.run_path(str(TOOL), run_name='__main__')


def test_the_tool_prints_and_writes_its_table(config, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'table.json'
    run_tool(monkeypatch, config, '--num-batches', 1, '--batch-size', 2, '--seed', 3, '--out', out)
    report = json.loads(out.read_text())
    assert report['values'] == box_loss_values(Config.fromfile(config), 1, 2, seed=3)
    assert (report['num_batches'], report['batch_size'], report['seed']) == (1, 2, 3)
    printed = capsys.readouterr().out
    assert 'loss_pairwise' in printed
    assert f'{report["values"]["width x 1.5"]["loss_projection"]:.4f}' in printed


def test_the_tool_checks_its_numbers(config, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run_tool(monkeypatch, config, '--batch-size', 0)
    assert '--batch-size: found 0, expected at least 1' in capsys.readouterr().err
