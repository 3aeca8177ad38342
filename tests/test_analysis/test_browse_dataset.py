"""Pictures of datasets show what the model gets: masks or boxes, by supervision."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from vosplug.analysis.browse_dataset import browse_dataset, item_pictures
from vosplug.errors import ConfigError
from vosplug.registry import DATASETS
from vosplug.structures.image_file import read_image

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'browse_dataset.py'
SYNTHETIC = dict(type='SyntheticVOS', num_videos=4, num_frames=6, size=(48, 64))
CLIP = [dict(type='LoadClip'), dict(type='ClipRandomCrop', size=(48, 48)), dict(type='PackClip')]
CROP = [dict(type='LoadClip'), dict(type='PackBoxCrop', size=(40, 40), margin=4)]
BOXES = [dict(type='LoadClip'), dict(type='PackBoxClip', size=(40, 40))]


def config(pipeline: list[dict] | None = None, **dataset) -> Config:
    loader = dict(dataset={**SYNTHETIC, **dataset, **(dict(pipeline=pipeline) if pipeline else {})})
    test = dict(dataset={**SYNTHETIC, 'test_mode': True})
    return Config(dict(default_scope='vosplug', train_dataloader=loader, test_dataloader=test))


def test_clips_are_drawn_once_each_and_the_seed_decides(tmp_path):
    first = list(browse_dataset(config(CLIP), tmp_path / 'a', count=3))
    again = list(browse_dataset(config(CLIP), tmp_path / 'b', count=3))
    other = list(browse_dataset(config(CLIP), tmp_path / 'c', count=3, seed=1))
    assert len(first) == 3 and [p.name for p in first] == [p.name for p in again]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, again, strict=True))
    assert any(a.read_bytes() != b.read_bytes() for a, b in zip(first, other, strict=True))
    clip_length = len(DATASETS.build(config(CLIP).train_dataloader.dataset)[0]['inputs'])
    assert read_image(first[0]).shape[1] == 48 * min(4, clip_length)


def test_captions_name_the_supervision_of_every_object(tmp_path):
    for supervision in ('mask', 'box'):
        dataset = DATASETS.build(config(CLIP, supervision=supervision).train_dataloader.dataset)
        item = dataset[0]
        name, pictures = item_pictures(item)
        assert name == item['data_samples'].video_name
        assert len(pictures) == len(item['inputs'])
        assert f'1 {supervision}' in pictures[0][1]


@pytest.mark.parametrize('pipeline', [CROP, BOXES])
def test_crops_for_box_to_mask_networks_are_drawn_with_their_box(pipeline, tmp_path):
    item = DATASETS.build(config(pipeline).train_dataloader.dataset)[0]
    _, pictures = item_pictures(item)
    inputs = item['inputs'].reshape(-1, *item['inputs'].shape[-3:]).numpy()
    labels = item['data_samples'].gt_sem_seg.data.numpy()
    for (picture, _), crop, label in zip(pictures, inputs, labels, strict=True):
        image = crop[:3].transpose(1, 2, 0)[..., ::-1]
        changed = (picture != image).any(-1)
        box = crop[3] > 0
        # outside of the frame is void
        assert (
            picture.shape == image.shape and changed[box].any() and not changed[~box & (label != 255)].any()
        )


def test_videos_are_drawn_at_their_prompts_and_over_their_length(tmp_path):
    item = DATASETS.build(config().test_dataloader.dataset)[0]
    _, pictures = item_pictures(item)
    assert len(pictures) == 6 and 'prompts 1 mask' in pictures[0][1]
    assert np.any(pictures[0][0] != item['data_samples'].source[0])
    paths = list(browse_dataset(config(), tmp_path, 'test', count=2))
    assert len(paths) == 2 and all(path.exists() for path in paths)


def test_configs_without_the_dataset_and_unknown_items_are_named(tmp_path):
    with pytest.raises(ConfigError, match='val_dataloader'):
        list(browse_dataset(config(CLIP), tmp_path, 'val'))
    with pytest.raises(ConfigError, match='PackClip'):
        item_pictures(dict(inputs=None, data_samples=3))


@pytest.mark.parametrize('option', ['--num=0', '--num=-3', '--seed=-1'])
def test_the_tool_names_numbers_that_are_too_small(monkeypatch, capsys, option):
    monkeypatch.setattr(sys, 'argv', [str(TOOL), 'missing.py', option])
    with pytest.raises(SystemExit, match='2'):
        runpy.run_path(str(TOOL), run_name='__main__')
    assert f'{option.replace("=", ": found ")}, expected at least' in capsys.readouterr().err
