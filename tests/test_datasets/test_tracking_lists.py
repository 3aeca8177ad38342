"""Tracking benchmarks by MMTracking's files, against the same sequences in the official layout."""

import json
from pathlib import Path

import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_tracking import BOXES, DISAGREEING, HEADER, LAYOUTS, MASKS, build, write_cocovid, write_infos
from test_vot2020_dataset import write_vot

from vosplug.datasets import GOT10kDataset, VOT2020Dataset
from vosplug.datasets.tracking_benchmarks import TrackingBenchmark
from vosplug.errors import AnnotationError
from vosplug.formats import write_id_mask

HIDDEN = {'got10k': DISAGREEING, 'lasot': (3,), 'trackingnet': ()}


def listed(root: Path, benchmark: str, kind: str, boxes=BOXES, **kwargs) -> TrackingBenchmark:
    """The sequences of ``root`` through one of MMTracking's files."""
    dataset = LAYOUTS[benchmark][0]
    if kind == 'list':
        return dataset(str(root.parent), ann_file=write_infos(root, benchmark).name, **kwargs)
    return dataset(
        str(root), ann_file=write_cocovid(root, benchmark, HIDDEN[benchmark], boxes).name, **kwargs
    )


def same(first, second) -> None:
    """Two test samples, frames and all."""
    assert first.name == second.name and first.source.frame_names == second.source.frame_names
    assert first.eval_frames == second.eval_frames and first.metainfo == second.metainfo
    for t in range(len(first.source)):
        assert np.array_equal(first.source[t], second.source[t])
        ours, theirs = first.annotation.boxes(t), second.annotation.boxes(t)
        assert ours.keys() == theirs.keys() and all(np.array_equal(ours[i], theirs[i]) for i in ours)


@pytest.mark.parametrize('kind', ['list', 'json'])
@pytest.mark.parametrize('count', [5, 1])
@pytest.mark.parametrize('benchmark', LAYOUTS)
def test_test_videos_are_those_of_the_official_layout(tmp_path, benchmark, kind, count):
    if (benchmark, count) == ('lasot', 1):
        pytest.skip('all boxes of LaSOT are public')
    root = tmp_path / 'part'
    root.mkdir()
    boxes = BOXES[:count].copy()
    if benchmark != 'lasot':  # MMTracking rounds them there
        boxes += 0.25
    if count > 1:
        boxes[4] = 0
    official = build(root, benchmark, HIDDEN[benchmark] if count > 1 else (), boxes, test_mode=True)
    found = listed(root, benchmark, kind, boxes, test_mode=True)
    assert len(found) == len(official) == 2
    for k in range(2):
        same(found[k]['data_samples'], official[k]['data_samples'])


@pytest.mark.parametrize('kind', ['list', 'json'])
@pytest.mark.parametrize('test_mode', [False, True])
def test_got10k_frames_are_hidden_by_either_flag_but_scored_by_cover(tmp_path, kind, test_mode):
    root = tmp_path / 'part'
    root.mkdir()
    boxes = BOXES.astype(float)
    boxes[1, 2:] = 0
    official = build(root, 'got10k', DISAGREEING, boxes, test_mode=test_mode)
    for dataset in (official, listed(root, 'got10k', kind, boxes, test_mode=test_mode)):
        record = dataset.open_video(dataset.get_data_info(1))
        shown = [t for t in range(5) if record.annotation.boxes(t)]
        assert shown == ([0, 2, 4] if test_mode else [0, 4])
        assert record.metainfo['cover'] == [8, 8, 5, 0, 8]


@pytest.mark.parametrize('kind', ['list', 'json'])
def test_a_video_whose_object_is_always_hidden_opens(tmp_path, kind):
    root = tmp_path / 'part'
    root.mkdir()
    hidden = tuple(range(5))
    official = build(root, 'lasot', hidden)
    other = LAYOUTS['lasot'][0]
    if kind == 'json':
        found = other(str(root), ann_file=write_cocovid(root, 'lasot', hidden).name)
    else:
        found = other(str(tmp_path), ann_file=write_infos(root, 'lasot').name)
    for dataset in (official, found):
        record = dataset.open_video(dataset.get_data_info(0))
        assert not any(record.annotation.boxes(t) for t in range(5))
        assert record.metainfo == dict(visible=[False] * 5)


class ListTester(DatasetTester):
    supervisions = prompts = ('box',)

    def build(self, root: Path, **kwargs) -> TrackingBenchmark:
        part = root / 'train'
        part.mkdir()
        build(part, 'got10k')
        return listed(part, 'got10k', self.kind, **kwargs)


class TestInfoList(ListTester):
    kind = 'list'


class TestCocoVID(ListTester):
    kind = 'json'


class TestMasks(DatasetTester):
    """LaSOT with masks made of its boxes."""

    def build(self, root: Path, **kwargs) -> TrackingBenchmark:
        for name in LAYOUTS['lasot'][1]:
            for t, mask in enumerate(MASKS, 1):
                write_id_mask(root / 'labels' / name / f'{t:08d}.png', mask)
        return build(root, 'lasot', ann_dir='labels', **kwargs)


def test_masks_are_what_is_trained_with_and_missing_ones_are_named(tmp_path):
    dataset = TestMasks().build(tmp_path)
    assert dataset.supervision == 'mask'
    assert np.array_equal(dataset.open_video(dataset.get_data_info(0)).annotation.mask(2), MASKS[2])
    (tmp_path / 'labels' / 'bear-2').rename(tmp_path / 'labels' / 'bear-3')
    with pytest.raises(AnnotationError, match='bear-2 has no masks in ann_dir'):
        LAYOUTS['lasot'][0](str(tmp_path), ann_dir='labels')


def test_a_json_of_several_objects_is_refused(tmp_path):
    path = write_cocovid(tmp_path, 'got10k')
    content = json.loads(path.read_text())
    content['annotations'][1]['instance_id'] = 7
    path.write_text(json.dumps(content))
    dataset = GOT10kDataset(str(tmp_path), ann_file=path.name, test_mode=True)
    with pytest.raises(AnnotationError, match=r'got10k.json: video GOT-10k_Val_000001 has 2 objects'):
        dataset[0]


def test_two_boxes_of_the_object_in_a_frame_are_refused(tmp_path):
    path = write_cocovid(tmp_path, 'got10k')
    content = json.loads(path.read_text())
    content['annotations'].append(dict(content['annotations'][2], id=999))
    path.write_text(json.dumps(content))
    dataset = GOT10kDataset(str(tmp_path), ann_file=path.name, test_mode=True)
    message = r'got10k.json: video GOT-10k_Val_000001 has two boxes of its object in frame .*00000003.jpg'
    with pytest.raises(AnnotationError, match=message):
        dataset[0]


@pytest.mark.parametrize('kind', ['list', 'json'])
def test_two_sequences_of_one_name_are_refused(tmp_path, kind):
    if kind == 'json':
        path = write_cocovid(tmp_path, 'got10k')
        path.write_text(path.read_text().replace('GOT-10k_Val_000002/', 'b/GOT-10k_Val_000001/'))
    else:
        path = tmp_path / 'list.txt'
        lines = [f'{part}/cat,{part}/cat/groundtruth.txt,1,5' for part in 'ab']
        path.write_text('\n'.join([HEADER, *lines]))
    name = 'GOT-10k_Val_000001' if kind == 'json' else 'cat'
    with pytest.raises(AnnotationError, match=f'{path.name}: found two videos {name}'):
        GOT10kDataset(str(tmp_path), ann_file=path.name, test_mode=True)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (HEADER, 'list.txt: lists no videos'),
        (
            f'{HEADER}\nx,x/groundtruth.txt,1,999999999999',
            'line 2: lists 999,999,999,999 frames, more than the limit of 1,000,000',
        ),
        (f'{HEADER}\nx,/etc/groundtruth.txt,1,9', r"line 2: expected a relative path .* '/etc/ground"),
        (f'{HEADER}\nbear', 'list.txt, line 2: expected video_path,annotation_path'),
        (f'{HEADER}\na/b,a/c/groundtruth.txt,4,3', 'line 2: expected video_path'),
        ('bear\ncat', r'2 of 2 sequences are not in .*A list of MMTracking has lines video_path'),
    ],
)
def test_a_file_that_is_neither_is_named(tmp_path, content, message):
    build(tmp_path, 'trackingnet')
    (tmp_path / 'list.txt').write_text(content)
    with pytest.raises(AnnotationError, match=message):
        LAYOUTS['trackingnet'][0](str(tmp_path), ann_file='list.txt', test_mode=True)


def test_more_frames_than_boxes_are_named(tmp_path):
    root = tmp_path / 'part'
    root.mkdir()
    build(root, 'got10k')
    path = write_infos(root, 'got10k', length=6)
    with pytest.raises(AnnotationError, match='found 6 frames, expected 5'):
        GOT10kDataset(str(tmp_path), ann_file=path.name, test_mode=True)[0]


def test_vot_by_an_info_list_is_the_challenge(tmp_path):
    root = write_vot(tmp_path / 'data', ('ball', 'cat'))
    lines = [f'data/{name}/color,data/{name}/groundtruth.txt,1,6' for name in ('ball', 'cat')]
    (tmp_path / 'infos.txt').write_text('\n'.join([HEADER, *lines]))
    official = VOT2020Dataset(str(root), test_mode=True)
    found = VOT2020Dataset(str(tmp_path), ann_file='infos.txt', test_mode=True)
    assert len(found) == len(official) == 4
    for k in range(4):
        ours, theirs = found[k]['data_samples'], official[k]['data_samples']
        same(ours, theirs)
        assert all(np.array_equal(ours.annotation.mask(t), theirs.annotation.mask(t)) for t in range(3))
    with pytest.raises(AnnotationError, match='VOT2020 is annotated with masks, which CocoVID'):
        VOT2020Dataset(str(root), ann_file='vot.json', test_mode=True)
