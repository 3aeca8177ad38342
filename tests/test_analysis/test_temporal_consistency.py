"""Skogh 2024, Table 3.1: what similar colours say about labels."""

import itertools
import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from vosplug.analysis.temporal_consistency import (
    _labelled_clips,
    clip_consistency,
    dataset_consistency,
    find_loss,
)
from vosplug.errors import ConfigError
from vosplug.models.losses import TemporalPatchConsistencyLoss, rgb_to_lab
from vosplug.structures import Supervision, VOSDataSample

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'temporal_consistency.py'
CONFIG = """
train_dataloader = dict(
    dataset=dict(
        type='SyntheticVOS', num_videos=3, num_frames=6, size=(48, 64), supervision='mask',
        clip_sampler=dict(num_frames=3, max_gap=1),
        pipeline=[dict(type='LoadClip'), dict(type='ClipRandomFlip'), dict(type='PackClip')],
    )
)
"""


def same_place(**options) -> TemporalPatchConsistencyLoss:
    """Compares a pixel with the one at its place only."""
    options = {'patch_size': 1, 'search_size': 1, 'top_k': 1, 'stride': 1, **options}
    return TemporalPatchConsistencyLoss(**options)


def still_clip() -> tuple[torch.Tensor, torch.Tensor]:
    """Two equal frames (8, 10), and id masks with objects 1 and 2."""
    id_masks = torch.zeros(2, 8, 10, dtype=torch.uint8)
    id_masks[:, :4, :5], id_masks[:, 4:, 5:] = 1, 2
    return torch.full((2, 3, 8, 10), 90.0), id_masks


def test_equal_frames_with_equal_labels_are_all_right():
    proportion, precision = clip_consistency(*still_clip(), [1, 2], same_place(), [0.0, 0.5, 1.0])
    assert proportion.tolist() == [1, 1, 1] and precision.tolist() == [1, 1, 1]


def test_other_colours_are_no_supervision():
    images, id_masks = still_clip()
    images[1, :, :2] = 200.0
    proportion, precision = clip_consistency(images, id_masks, [1, 2], same_place(), [0.0, 0.5])
    assert proportion.tolist() == [1, 0.75] and precision.tolist() == [1, 1]


def test_a_label_that_changes_is_wrong_for_the_two_objects_concerned():
    images, id_masks = still_clip()
    id_masks[1, :4, :5] = 2
    _, precision = clip_consistency(images, id_masks, [1, 2, 3], same_place(), [0.5])
    assert precision.item() == pytest.approx(1 - 2 * 20 / (3 * 80))


@pytest.mark.parametrize('frame', [0, 1])
def test_void_is_compared_with_nothing(frame):
    images, id_masks = still_clip()
    id_masks[1, :2] = 3 - id_masks[1, :2]
    id_masks[frame, :2] = 255
    _, precision = clip_consistency(images, id_masks, [1, 2], same_place(), [0.5])
    assert precision.item() == 1


def test_a_threshold_that_nothing_reaches_has_no_precision():
    images, id_masks = still_clip()
    images[1] = 200.0
    proportion, precision = clip_consistency(images, id_masks, [1], same_place(), [0.9])
    assert proportion.item() == 0 and precision.isnan().item()


def test_cells_have_the_label_of_their_centre():
    images, id_masks = torch.full((2, 3, 8, 8), 90.0), torch.zeros(2, 8, 8, dtype=torch.uint8)
    id_masks[0, 2::4, 2::4] = 1  # the centres only
    id_masks[1] = 1
    _, precision = clip_consistency(images, id_masks, [1], same_place(stride=4), [0.5])
    assert precision.item() == 1


def random_clip() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    images = 120 + 6 * torch.rand(3, 3, 7, 8, generator=generator)
    return images, torch.randint(0, 3, (3, 7, 8), generator=generator)


def test_pixel_by_pixel():
    images, id_masks = random_clip()
    loss = TemporalPatchConsistencyLoss(stride=1, search_dilation=1)
    lab, around, inner = rgb_to_lab(images), [-1, 0, 1], (range(1, 6), range(1, 7))
    searched, found, trials, agreed = 0, 0, 0, 0
    for t, y, x, dy, dx in itertools.product(range(3), *inner, around, around):
        u, v, w = (t + 1) % 3, y + dy, x + dx
        if v not in inner[0] or w not in inner[1]:
            continue
        searched += 1
        here, there = lab[t, :, y - 1 : y + 2, x - 1 : x + 2], lab[u, :, v - 1 : v + 2, w - 1 : w + 2]
        if (-(here - there).norm() / 2).exp() < 0.01:
            continue
        found += 1
        for slot in (1, 2):
            same = (id_masks[t, y, x] == slot) == (id_masks[u, v - 1 : v + 2, w - 1 : w + 2] == slot)
            trials, agreed = trials + 9, agreed + same.sum().item()
    proportion, precision = clip_consistency(images, id_masks, [1, 2], loss, [0.01])
    assert 0 < found < searched
    assert proportion.item() == pytest.approx(found / searched)
    assert precision.item() == pytest.approx(agreed / trials)


def test_what_is_found_are_the_matches_of_the_loss():
    images, id_masks = random_clip()
    loss = TemporalPatchConsistencyLoss(stride=1, search_dilation=1, threshold=0.01, top_k=9)
    every = TemporalPatchConsistencyLoss(stride=1, search_dilation=1, threshold=0.0, top_k=9)
    matched, searched = (m.match(images[None], [0, 1, 2], [1, 2, 0]).sum().item() for m in (loss, every))
    proportion, _ = clip_consistency(images, id_masks, [1], loss, [0.01])
    assert proportion.item() == pytest.approx(matched / searched)


def test_clips_come_in_rgb_with_the_slots_that_are_objects():
    sample = VOSDataSample()
    sample.set_data(
        dict(
            id_masks=torch.zeros(2, 4, 4, dtype=torch.uint8),
            supervision=torch.full((2, 2), int(Supervision.MASK)),
            valid=torch.tensor([False, True]),
        )
    )
    blue = torch.tensor([255, 0, 0], dtype=torch.uint8).view(3, 1, 1).expand(2, 3, 4, 4)
    images, _, slots = next(_labelled_clips([dict(inputs=blue, data_samples=sample)], 1))
    assert images[0, :, 0, 0].tolist() == [0, 0, 255] and slots == [2]


@pytest.fixture
def config(tmp_path) -> Path:
    path = tmp_path / 'synthetic.py'
    path.write_text(CONFIG)
    return path


def test_a_dataset_falls_with_the_threshold_and_follows_its_seed(config):
    cfg = Config.fromfile(config)
    rows = dataset_consistency(cfg, num_clips=4)
    proportions = [row.proportion for row in rows]
    assert proportions[0] == 1 and proportions == sorted(proportions, reverse=True) and proportions[-1] > 0
    assert rows[-1].precision > rows[0].precision > 0.5
    assert rows == dataset_consistency(cfg, num_clips=4)
    assert rows != dataset_consistency(cfg, num_clips=4, seed=1)


def test_the_options_of_the_models_own_loss_are_used():
    own = dict(type='vosplug.TemporalPatchConsistencyLoss', stride=2)
    model = dict(decode_head=dict(loss_mask=(dict(type='A'),), loss_box=[dict(type='B'), own]))
    assert find_loss(model) == own
    assert find_loss(dict(decode_head=dict(loss_box=[dict(type='B')]))) is None and find_loss(None) is None


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        ({'train_dataloader.dataset.supervision': 'box'}, 'synthetic_000.* is supervised with boxes'),
        ({'train_dataloader.dataset.clip_sampler.num_frames': 1}, 'has 1 frame, expected at least 2'),
        ({'train_dataloader': None}, 'train_dataloader: missing in this config'),
    ],
)
def test_clips_that_cannot_be_measured_are_named(config, changes, said):
    cfg = Config.fromfile(config)
    cfg.merge_from_dict(changes)
    with pytest.raises(ConfigError, match=said):
        dataset_consistency(cfg, num_clips=1)


def run_tool(monkeypatch, *args: object) -> None:
    monkeypatch.setattr(sys, 'argv', [TOOL.name, *map(str, args)])
    runpy.run_path(str(TOOL), run_name='__main__')


def test_the_tool_prints_and_writes_its_table(config, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'table.json'
    run_tool(monkeypatch, config, '--num-clips', 2, '--thresholds', 0, 0.1, '--seed', 3, '--out', out)
    report = json.loads(out.read_text())
    assert [row['threshold'] for row in report['rows']] == [0, 0.1]
    assert (report['num_clips'], report['seed']) == (2, 3)
    printed = capsys.readouterr().out
    assert '100.00%' in printed and f'{report["rows"][1]["precision"]:.4f}' in printed


def test_the_tool_names_the_config_that_cannot_be_measured(config, monkeypatch):
    option = 'train_dataloader.dataset.supervision=box'
    with pytest.raises(SystemExit, match=r'ConfigError: .*synthetic\.py: train_dataloader: .*boxes'):
        run_tool(monkeypatch, config, '--cfg-options', option)
