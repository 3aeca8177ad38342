"""Data configs of MaskTrack, on tiny data in the layouts of the datasets."""

import json
from collections import Counter

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from small_data import make_masks, write_segtrack, write_youtube_objects

from vosplug.config import load_config
from vosplug.datasets.mixture import leaf_datasets
from vosplug.errors import AnnotationError
from vosplug.evaluation.functional import jaccard
from vosplug.models import StreamingSegmentor
from vosplug.paths import config_root
from vosplug.registry import DATASETS, MODELS

CONFIGS = config_root() / '_base_' / 'datasets'
PAIR, ONE = make_masks(5, (1, 2)), make_masks(5, (1,)) == 1
SEGTRACK = {'bmx': {1: PAIR == 1, 2: np.roll(PAIR, 3, 1) == 2}, 'girl': {1: ONE[:3]}}
LONG = np.repeat(ONE, 10, 0)[:41]
YOUTUBE = {
    'cat/0001/001': LONG,
    'cat/0002/001': LONG[:31],
    'dog/0001/001': LONG[:21],
    'cow/0019/001': LONG[:9],
}
PIPELINE = [dict(type='LoadClip'), dict(type='ClipResize', size=(40, 40)), dict(type='PackClip')]


@MODELS.register_module(force=True)
class CopyTracker(StreamingSegmentor):
    """Shows each object's prompt in all frames."""

    def start(self, video):
        return []

    def segment(self, state, frame):
        return torch.stack(state)

    def remember(self, state, frame, probs, prompted):
        for slot in sorted(prompted):
            state[slot : slot + 1] = [torch.where(probs[slot] > 0.5, 20.0, -20.0)]


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """Videos where the configs look for them."""
    for name in ('segtrack', 'youtube'):
        (tmp_path / name).mkdir()
    monkeypatch.setenv('SEGTRACK_V2_ROOT', str(write_segtrack(tmp_path / 'segtrack', SEGTRACK)))
    monkeypatch.setenv('YOUTUBE_OBJECTS_ROOT', str(write_youtube_objects(tmp_path / 'youtube', YOUTUBE)))


@pytest.fixture
def report(tool, tmp_path):
    """What tools/test.py writes for a data config and the copying tracker."""

    def report(config: str, *options: str) -> dict:
        (tmp_path / 'copy.py').write_text(
            f"_base_ = ['{CONFIGS}/{config}', '{config_root()}/_base_/default_runtime.py']\n"
            "model = dict(type='StreamingModel', tracker=dict(type='CopyTracker'))\n"
            "test_evaluator = dict(out_file='scores.json')\nval_evaluator = test_evaluator\n"
        )
        tool('test', tmp_path / 'copy.py', *options)
        return json.loads((tmp_path / 'scores.json').read_text())

    return report


def copied(masks: np.ndarray, step: int = 1) -> float:
    """Mean J of the first mask in the annotated frames after it."""
    return float(np.mean([jaccard(masks[0], mask) for mask in masks[step::step]]))


def test_segtrack_v2_is_scored_object_by_object_without_the_first_frame(report):
    js = {'bmx/1': copied(SEGTRACK['bmx'][1]), 'bmx/2': copied(SEGTRACK['bmx'][2]), 'girl': copied(ONE[:3])}
    found = report('segtrack_v2.py')
    assert {name: next(iter(ids.values()))['J-Mean'] for name, ids in found['per_object'].items()} == (
        pytest.approx(js)
    )
    assert 0 < js['girl'] < 1 and found['global']['mIoU'] == pytest.approx(np.mean([*js.values()]))
    together = report('segtrack_v2.py', '--cfg-options', 'test_dataloader.dataset.separate_objects=False')
    assert {name: len(ids) for name, ids in together['per_object'].items()} == {'bmx': 2, 'girl': 1}
    assert together['global']['mIoU'] == pytest.approx(found['global']['mIoU']), 'they do not overlap'


@pytest.mark.parametrize('all_frames', [True, False])
def test_youtube_objects_is_scored_in_annotated_frames_and_by_class(report, all_frames):
    js = {name: copied(masks, 10) for name, masks in YOUTUBE.items() if not name.startswith('cow')}
    found = report('youtube_objects.py', '--cfg-options', f'test_dataloader.dataset.all_frames={all_frames}')
    assert {name: ids['1']['J-Mean'] for name, ids in found['per_object'].items()} == pytest.approx(js)
    assert found['global']['mIoU'] == pytest.approx(np.mean([*js.values()]))
    cats = np.mean([js['cat/0001/001'], js['cat/0002/001']])
    assert found['per_class'] == pytest.approx({'cat': cats, 'dog': js['dog/0001/001']})


def loader_of(config: str):
    cfg = load_config(CONFIGS / config).train_dataloader
    init_default_scope('vosplug')
    cfg.update(num_workers=0, persistent_workers=False)
    cfg.dataset.pipeline = PIPELINE
    return Runner.build_dataloader(cfg, seed=0)


def test_training_on_video_draws_single_objects_of_annotated_frames():
    loader = loader_of('masktrack_videos.py')
    np.random.seed(0)
    names = Counter()
    for _, batch in zip(range(4), loader, strict=False):
        assert [tuple(image.shape) for image in batch['inputs']] == [(1, 3, 40, 40)] * 10
        for sample in batch['data_samples']:
            assert len(sample.object_ids) == 1 and sample.annotated.all() and (sample.id_masks == 1).any()
            names[sample.video_name] += 1
    assert set(names) == {*SEGTRACK, *YOUTUBE}
    assert sum(names[name] for name in SEGTRACK) < 20, 'fewer frames than of YouTube-Objects'


STILLS = dict(
    MSRA10K=('MSRA10K_Imgs_GT/Imgs', 'MSRA10K_Imgs_GT/Imgs'),
    ECSSD=('images', 'ground_truth_mask'),
    PASCAL_S=('datasets/imgs/pascal', 'datasets/masks/pascal'),
    SOD=('images', 'masks'),
)


@pytest.fixture
def stills(tmp_path, monkeypatch):
    """Two images of each set, and one of PASCAL-S whose mask stays below the threshold."""
    for name, folders in STILLS.items():
        monkeypatch.setenv(f'{name}_ROOT', str(tmp_path / name))
        images, masks = (tmp_path / name / folder for folder in folders)
        images.mkdir(parents=True)
        masks.mkdir(parents=True, exist_ok=True)
        for k, level in enumerate((255, 255, 100) if name == 'PASCAL_S' else (255, 255)):
            cv2.imwrite(str(images / f'{name}{k}.jpg'), np.full((60, 90, 3), 90, np.uint8))
            mask = np.pad(np.full((20, 30), level, np.uint8), ((20, 20), (30, 30)))
            cv2.imwrite(str(masks / f'{name}{k}.png'), mask)


def test_still_images_are_drawn_alike_from_four_sets(stills):
    loader = loader_of('masktrack_stills.py')
    assert [len(dataset) for dataset in leaf_datasets(loader.dataset)] == [2, 2, 2, 2]
    names = Counter()
    for _, batch in zip(range(20), loader, strict=False):
        assert [tuple(image.shape) for image in batch['inputs']] == [(1, 3, 40, 40)] * 10
        names.update(sample.video_name.rstrip('012') for sample in batch['data_samples'])
    assert names.most_common()[0][0] == 'MSRA10K' and 140 < names['MSRA10K'] < 185


def test_the_reduced_set_has_five_thousand_images(stills):
    cfg = load_config(CONFIGS / 'masktrack_stills_5k.py').train_dataloader
    weights = cfg.sampler.weights
    assert {name: part.num_images for name, part in cfg.dataset.datasets.items()} == weights
    assert sum(weights.values()) == 5000
    with pytest.raises(AnnotationError, match='2 images, expected at least num_images=4115'):
        DATASETS.build(cfg.dataset)
