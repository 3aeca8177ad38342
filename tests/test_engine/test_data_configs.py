"""Data configs give what they say once the data are there."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from small_data import (
    make_frames,
    make_masks,
    rle,
    write_davis,
    write_frames,
    write_taovos,
    write_ytvos,
    xywh,
)
from small_tracking import build as build_tracks

from vosplug.config import load_config
from vosplug.datasets import SyntheticVOS
from vosplug.datasets.mixture import leaf_datasets
from vosplug.errors import AnnotationError
from vosplug.formats import write_id_mask
from vosplug.models import FilledBoxInitializer
from vosplug.paths import config_root
from vosplug.pseudo_labels import LabelFactory, read_box_videos
from vosplug.pseudo_labels.labeller import Labeller
from vosplug.registry import DATASETS

MASKS = make_masks(9)


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """Small data where the configs look for them."""
    davis = write_davis(tmp_path / 'davis', {'bear': MASKS, 'ant': MASKS})
    (davis / 'ImageSets' / '480p').mkdir()
    (davis / 'ImageSets' / '480p' / 'train.txt').write_text('bear\nant\n')
    write_ytvos(tmp_path / 'ytvos', 'train', {'a': MASKS, 'b': MASKS, 'short': MASKS[:3]})
    write_taovos(tmp_path / 'taovos', 'train', {'BDD/a': MASKS, 'LaSOT/b': MASKS, 'AVA/short': MASKS[:2]})
    for name in ('fss/yak', 'DUTS-TR', 'DUTS-TE', 'ecssd', 'BIG_small', 'HRSOD_small'):
        folder = tmp_path / 'static' / name
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / '1.jpg'), np.full((60, 90, 3), 90, np.uint8))
        cv2.imwrite(str(folder / '1.png'), np.pad(np.full((20, 30), 255, np.uint8), ((20, 20), (30, 30))))
    folders = dict(DAVIS2016=davis, YTVOS2018='ytvos', STATIC_IMAGES='static', TAOVOS='taovos')
    for name, folder in folders.items():
        monkeypatch.setenv(f'{name}_ROOT', str(tmp_path / folder))


def batch_of(config: str, **dataset) -> dict:
    cfg = load_config(config_root() / '_base_' / 'datasets' / config).train_dataloader
    init_default_scope('vosplug')
    cfg.update(batch_size=2, num_workers=0, persistent_workers=False)
    cfg.dataset.update(dataset)
    return next(iter(Runner.build_dataloader(cfg, seed=0)))


@pytest.mark.parametrize(
    ('supervision', 'kinds'), [('mask', [2] * 8), ('box', [1] * 8), ('first_mask', [2] + [1] * 7)]
)
def test_whole_frames_of_the_mixture(supervision, kinds):
    batch = batch_of('ytvos2018_davis16_clips.py', supervision=supervision)
    assert [tuple(clip.shape) for clip in batch['inputs']] == [(8, 3, 384, 384)] * 2
    for sample in batch['data_samples']:
        # DAVIS 2016 shows one object
        objects = len(sample.object_ids)
        assert sample.supervision.tolist() == [[kind] * objects for kind in kinds] and sample.valid.all()
        assert objects == (1 if sample.video_name in {'bear', 'ant'} else 2)
        assert sample.video_name in {'a', 'b', 'bear', 'ant'}, 'the short one is dropped'


def test_clips_of_the_thesis_are_rotated_frame_by_frame():
    pipeline = load_config(config_root() / 'xmem_box' / 'xmem_r50-r18_all_box.py').train_dataloader.dataset
    rotation = [step for step in pipeline.pipeline if step.type == 'ClipRandomAffine']
    assert [(step.degrees, step.together, step.jitter) for step in rotation] == [(15, 0, 1)]


def test_crops_of_the_mixture():
    batch = batch_of('ytvos2018_davis16_crops.py')
    assert [tuple(clip.shape) for clip in batch['inputs']] == [(8, 3, 384, 384)] * 2
    assert all(sample.valid.any() for sample in batch['data_samples'])


SEVEN = ['blackswan', 'bmx-trees', 'car-shadow', 'dog', 'horsejump-high', 'kite-surf', 'libby']


@pytest.mark.parametrize('config', ['davis2016_240p.py', 'stills_small.py', 'boxes_and_stills_small.py'])
def test_small_configs_train_on_the_list_of_davis_2016_and_test_on_seven(config, tmp_path):
    davis = tmp_path / 'davis'
    (davis / 'ImageSets' / '480p' / 'train.txt').write_text('bear\n')
    for kind in ('JPEGImages', 'Annotations'):
        (davis / kind / '240p').symlink_to(davis / kind / '480p')
        for name in SEVEN:
            (davis / kind / '480p' / name).symlink_to(davis / kind / '480p' / 'ant')
    cfg = load_config(config_root() / '_base_' / 'datasets' / config)
    for key, expected in (
        ('train_dataloader', ['bear']),
        ('test_dataloader', SEVEN),
        ('val_dataloader', SEVEN),
    ):
        for dataset in leaf_datasets(DATASETS.build(cfg[key].dataset)):
            if not isinstance(dataset, SyntheticVOS):
                assert [info['video_name'] for info in dataset.load_data_list()] == expected


def test_a_part_of_davis_2016_is_tested_only_if_the_user_says_so(tmp_path):
    (tmp_path / 'davis' / 'ImageSets' / '480p' / 'val.txt').write_text('ant\nwhale\n')
    cfg = load_config(config_root() / '_base_' / 'datasets' / 'davis2016.py')
    for key in ('test_dataloader', 'val_dataloader'):
        with pytest.raises(AnnotationError, match=r"no frames of \['whale'\]"):
            DATASETS.build(cfg[key].dataset)
    some = {'test_dataloader.dataset.only_present': True}
    cfg = load_config(config_root() / '_base_' / 'datasets' / 'davis2016.py', some)
    assert [v['video_name'] for v in DATASETS.build(cfg.test_dataloader.dataset).load_data_list()] == ['ant']


def test_clips_of_tao_vos():
    batch = batch_of('tao_vos.py')
    assert [tuple(clip.shape) for clip in batch['inputs']] == [(3, 3, 384, 384)] * 2
    for sample in batch['data_samples']:
        assert sample.video_name in {'BDD/a', 'LaSOT/b'}, 'the short one is dropped'
        frames = sorted(int(name.removeprefix('ring_')) // 3 for name in sample.frame_names)
        assert set(np.diff(frames)) <= {1, 2, 3}, 'annotated frames, at most three apart'


def write_coco(root: Path, names: list[str]) -> None:
    """Each id mask as an image with two objects, the second one small."""
    (root / 'images').mkdir(parents=True)
    coco = dict(images=[], annotations=[])
    for k, name in enumerate(names):
        mask = np.kron(MASKS[k % 9], np.ones((4, 4), np.uint8))
        cv2.imwrite(str(root / 'images' / name), np.repeat(mask[..., None] * 20, 3, 2))
        coco['images'].append(dict(id=k, file_name=name, height=mask.shape[0], width=mask.shape[1]))
        for i, area in ((3, int((mask == 3).sum())), (7, 20)):
            entry = dict(
                id=len(coco['annotations']),
                image_id=k,
                area=area,
                segmentation=rle(mask == i),
                bbox=xywh(mask, i),
            )
            coco['annotations'].append(entry)
    (root / 'instances.json').write_text(json.dumps(coco))


def test_box_crops_are_mixed_without_the_images_held_out(tmp_path, monkeypatch):
    lists = [
        config_root() / '_base_' / 'datasets' / f'coco_mini_{part}.txt' for part in ('train', 'held_out')
    ]
    train, held_out = (path.read_text().split() for path in lists)
    assert len(train) == 319 and len(held_out) == 35 and not set(train) & set(held_out)
    write_coco(tmp_path / 'coco', sorted(train + held_out))
    monkeypatch.setenv('COCO_MINI_ROOT', str(tmp_path / 'coco'))
    davis = tmp_path / 'davis'
    for kind in ('JPEGImages', 'Annotations'):
        (davis / kind / '240p').symlink_to(davis / kind / '480p')
    cfg = load_config(config_root() / '_base_' / 'datasets' / 'box_crops_mixed.py').train_dataloader
    init_default_scope('vosplug')
    cfg.update(batch_size=24, num_workers=0, persistent_workers=False)
    loader = Runner.build_dataloader(cfg, seed=0)
    coco = next(iter(leaf_datasets(loader.dataset)))
    names = [coco.get_data_info(k)['video_name'] for k in range(len(coco))]
    assert names == train, 'the small objects are left out'
    batch = next(iter(loader))
    assert {tuple(crop.shape) for crop in batch['inputs']} == {(4, 161, 161)}
    sources = [sample.video_name for sample in batch['data_samples']]
    assert {name in train for name in sources} == {True, False} and {'bear', 'ant'} & set(sources)


def test_single_objects_of_images_and_frames_for_small_networks(tmp_path, monkeypatch):
    train = (config_root() / '_base_' / 'datasets' / 'coco_mini_train.txt').read_text().split()
    write_coco(tmp_path / 'coco', [*train, 'held_out.jpg'])
    monkeypatch.setenv('COCO_MINI_ROOT', str(tmp_path / 'coco'))
    davis = tmp_path / 'davis'
    for kind in ('JPEGImages', 'Annotations'):
        (davis / kind / '240p').symlink_to(davis / kind / '480p')
    cfg = load_config(config_root() / '_base_' / 'datasets' / 'masktrack_small.py').train_dataloader
    listed = Path(cfg.dataset.datasets.davis2016.ann_file)
    held_out = listed.with_name('davis2016_train_held_out_5.txt').read_text().split()
    assert len(set(listed.read_text().split()) - set(held_out)) == 30 - len(held_out) == 25
    cfg.dataset.datasets.davis2016.ann_file = 'ImageSets/480p/train.txt'
    init_default_scope('vosplug')
    cfg.update(batch_size=40, num_workers=0, persistent_workers=False)
    cfg.dataset.pipeline = [
        dict(type='LoadClip'),
        dict(type='ClipResize', size=(32, 32)),
        dict(type='PackClip'),
    ]
    loader = Runner.build_dataloader(cfg, seed=0)
    coco = next(iter(leaf_datasets(loader.dataset)))
    assert [coco.get_data_info(k)['video_name'] for k in range(len(coco))] == train
    batch = next(iter(loader))
    assert {tuple(image.shape) for image in batch['inputs']} == {(1, 3, 32, 32)}
    assert all(len(sample.object_ids) == 1 for sample in batch['data_samples'])
    frames = sum(sample.video_name in {'bear', 'ant'} for sample in batch['data_samples'])
    assert 5 < frames < 25, 'three of eight'


def test_pictures_as_clips():
    batch = batch_of('static_images.py')
    assert [tuple(clip.shape) for clip in batch['inputs']] == [(3, 3, 384, 384)] * 2
    masks = batch['data_samples'][0].id_masks
    assert not masks[0].equal(masks[1]) and not masks[1].equal(masks[2])


def test_lwl_trains_on_tracking_benchmarks_with_masks_made_of_their_boxes(tmp_path, monkeypatch):
    (tmp_path / 'ytvos' / 'yt300').mkdir()
    (tmp_path / 'ytvos' / 'yt300' / 'rest.txt').write_text('a\nshort\n')
    (tmp_path / 'davis' / 'ImageSets' / '2017').mkdir()
    (tmp_path / 'davis' / 'ImageSets' / '2017' / 'train.txt').write_text('bear\n')
    for name, folder in dict(got10k='got10k/train', lasot='lasot').items():
        (tmp_path / folder).mkdir(parents=True)
        build_tracks(tmp_path / folder, name)
        videos = read_box_videos(name, tmp_path / folder)
        factory = LabelFactory(tmp_path / name / 'PseudoLabels' / 'sta', Labeller(FilledBoxInitializer()))
        factory.make_all(videos)
        monkeypatch.setenv(f'{name.upper()}_ROOT', str(tmp_path / name))
    (tmp_path / 'lasot' / 'training_set.txt').write_text('bear-2\n')
    monkeypatch.setenv('YTVOS2019_ROOT', str(tmp_path / 'ytvos'))
    monkeypatch.setenv('DAVIS2017_ROOT', str(tmp_path / 'davis'))
    cfg = load_config(config_root() / '_base_' / 'datasets' / 'lwl_tracking_clips.py').train_dataloader
    assert cfg.sampler.weights == dict(ytvos2019=6, davis2017=1, got10k=6, lasot=6)
    init_default_scope('vosplug')
    cfg.update(batch_size=12, num_workers=0, persistent_workers=False)
    cfg.dataset.pipeline[1].short_side, cfg.dataset.pipeline[4].size = 48, (48, 80)
    loader = Runner.build_dataloader(cfg, seed=0)
    batch = next(iter(loader))
    assert {tuple(clip.shape) for clip in batch['inputs']} == {(4, 3, 48, 80)}
    names = [sample.video_name for sample in batch['data_samples']]
    assert set(names) <= {'a', 'bear', 'bear-2', 'GOT-10k_Val_000001', 'GOT-10k_Val_000002'}
    assert {'a', 'bear-2'} < set(names) and any(name.startswith('GOT') for name in names)
    for sample in batch['data_samples']:
        assert len(sample.object_ids) == 1 and (sample.supervision == 2).all()
        assert (sample.id_masks[0] == 1).any()


@pytest.mark.parametrize('masks', ['masks', 'labels/Annotations'])
def test_own_videos_are_trained_on_and_tested_from_one_place(tmp_path, monkeypatch, masks):
    for k, name in enumerate(('cat', 'dog')):
        write_frames(tmp_path / 'mine' / 'frames' / name, make_frames(MASKS))
        for t, mask in enumerate(MASKS):
            write_id_mask(tmp_path / 'mine' / masks / name / f'{t:05d}.png', mask)
        (tmp_path / 'mine' / ('train.txt', 'val.txt')[k]).write_text(f'{name}\n')
    monkeypatch.setenv('MY_VIDEOS_ROOT', str(tmp_path / 'mine'))
    if masks != 'masks':
        monkeypatch.setenv('MY_VIDEOS_MASKS', masks)
    batch = batch_of('video_folder.py')
    assert {sample.video_name for sample in batch['data_samples']} == {'cat'}
    cfg = load_config(config_root() / 'stm' / 'stm_mobilenetv2_my-videos.py')
    for loader in (cfg.test_dataloader, cfg.val_dataloader):
        [item] = DATASETS.build(loader.dataset)
        assert item['data_samples'].name == 'dog' and item['data_samples'].prompts.object_ids == [3, 7]
