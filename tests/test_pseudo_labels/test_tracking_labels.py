"""From the boxes of tracking benchmarks to training clips with masks, frames left in place."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_data import TRAIN_PIPELINE
from small_tracking import BOXES, DISAGREEING, LAYOUTS, build, write_cocovid, write_infos

from vosplug.datasets import YTVISDataset
from vosplug.datasets.tracking_benchmarks import TrackingBenchmark
from vosplug.errors import AnnotationError
from vosplug.formats.mask_folder import read_foreground
from vosplug.models import FilledBoxInitializer
from vosplug.pseudo_labels import LabelFactory, read_box_videos
from vosplug.pseudo_labels.labeller import Labeller
from vosplug.structures import fill_box

TOOL = Path(__file__).parents[2] / 'tools' / 'pseudo_label.py'
SIZE = (48, 64)
GONE = 3


def write(root: Path, benchmark: str) -> None:
    """Tracks that leave the image on the left, hidden once: by a flag, or without area."""
    boxes = BOXES.copy()
    boxes[4] = [-8, 5, 16, 14]
    if benchmark == 'trackingnet':
        boxes[GONE, 2:] = 0
    build(root, benchmark, () if benchmark == 'trackingnet' else (GONE,), boxes)


def expected(t: int) -> np.ndarray:
    x, y, width, height = BOXES[t]
    box = (0, 5, 8, 19) if t == 4 else (x, y, x + width, y + height)
    return fill_box(box, SIZE) & (t != GONE)


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path / 'train'
    folder.mkdir()
    return folder


def make(root: Path, boxes: str | Path, out: Path, sequences: Path | None = None) -> list:
    videos = read_box_videos(boxes, root, sequences)
    factory = LabelFactory(out, Labeller(FilledBoxInitializer()))
    factory.make_all(videos)
    factory.finalize(videos)
    return videos


def check_clips(dataset, root: Path) -> None:
    """Masks of every frame, and clips that are drawn of them."""
    assert len(dataset) == 2
    for k in range(2):
        record = dataset.open_video(dataset.get_data_info(k))
        assert len(record.source) == 5 and all(root in path.parents for path in record.source.frame_paths)
        for t in record.annotation.annotated_frames():
            assert np.array_equal(record.annotation.mask(t), expected(t)), t
        np.random.seed(0)
        for _ in range(5):
            sample = dataset[k]['data_samples']
            assert sample.visible[0].all() and (sample.id_masks[0] == 1).any()


@pytest.mark.parametrize('benchmark', LAYOUTS)
def test_labels_of_the_official_layout_are_trained_with(tmp_path, root, benchmark):
    write(root, benchmark)
    dataset, names = LAYOUTS[benchmark]
    out = tmp_path / 'labels'
    videos = make(root, benchmark, out)
    assert [video.name for video in videos] == names
    assert not [path for path in out.rglob('*') if path.suffix == '.jpg']
    for name in names:
        masks = sorted((out / 'Annotations' / name).iterdir(), key=lambda path: int(path.stem))
        assert [path.stem for path in masks] == videos[0].frames
        for t, path in enumerate(masks):
            assert np.array_equal(read_foreground(path, SIZE), expected(t)), t
    options = dict(pipeline=TRAIN_PIPELINE, clip_sampler=dict(num_frames=3, max_gap=2))
    by_folder: TrackingBenchmark = dataset(str(root), ann_dir='../labels/Annotations', **options)
    assert by_folder.supervision == 'mask'
    check_clips(by_folder, root)
    check_clips(YTVISDataset(str(root), str(out / 'instances.json'), frames_dir='.', **options), root)


@pytest.mark.parametrize('benchmark', LAYOUTS)
def test_an_info_list_gives_the_same_labels(tmp_path, root, benchmark):
    write(root, benchmark)
    make(root, benchmark, tmp_path / 'official')
    path = write_infos(root, benchmark)
    make(root.parent, path, tmp_path / 'listed')
    make(root.parent, benchmark, tmp_path / 'by_name', path)
    trees = [
        {p.relative_to(out): p.read_bytes() for p in (out / 'Annotations').rglob('*.png')}
        for out in (tmp_path / 'official', tmp_path / 'listed', tmp_path / 'by_name')
    ]
    assert len(trees[0]) == 10 and trees[0] == trees[1] == trees[2]


def test_a_json_of_mmtracking_gives_the_same_labels(tmp_path, root):
    build(root, 'lasot', (GONE,))
    path = write_cocovid(root, 'lasot', (GONE,))
    official = make(root, 'lasot', tmp_path / 'official')
    found = make(root, 'lasot', tmp_path / 'json', path)
    for a, b in zip(official, found, strict=True):
        assert (a.name, a.frames, a.files) == (b.name, b.frames, b.files)
        assert a.tracks[1].boxes.keys() == b.tracks[1].boxes.keys()
        assert all(np.array_equal(box, b.tracks[1].boxes[frame]) for frame, box in a.tracks[1].boxes.items())


def test_got10k_frames_hidden_by_either_flag_are_background_in_all_layouts(tmp_path, root):
    build(root, 'got10k', DISAGREEING)
    lists, path = write_infos(root, 'got10k'), write_cocovid(root, 'got10k', DISAGREEING)
    for k, (folder, boxes, sequences) in enumerate(
        [
            (root, 'got10k', None),
            (root.parent, lists, None),
            (root, path, None),
            (root.parent, 'got10k', lists),
            (root, 'got10k', path),
        ]
    ):
        out = tmp_path / str(k)
        videos = make(folder, boxes, out, sequences)
        assert [video.name for video in videos] == LAYOUTS['got10k'][1]
        for t in range(5):
            mask = read_foreground(out / 'Annotations' / videos[1].name / f'{t + 1:08d}.png', SIZE)
            assert mask.any() == (t not in DISAGREEING), (k, t)


@pytest.mark.parametrize('kind', ['official', 'json'])
def test_an_object_that_is_always_hidden_is_background(tmp_path, root, kind):
    build(root, 'lasot')
    (root / 'bear' / 'bear-2' / 'out_of_view.txt').write_text('1,1,1,1,1')
    path = write_cocovid(root, 'lasot')
    content = json.loads(path.read_text())
    for entry in content['annotations']:
        entry['out_of_view'] = entry['instance_id'] == 1
    path.write_text(json.dumps(content))
    videos = make(root, path if kind == 'json' else 'lasot', tmp_path / 'out')
    masks = sorted((tmp_path / 'out' / 'Annotations' / videos[1].name).iterdir())
    assert len(masks) == 5 and not any(read_foreground(mask, SIZE).any() for mask in masks)


def test_videos_of_a_json_are_chosen_and_named_by_their_sequence(tmp_path, root):
    build(root, 'lasot')
    path = write_cocovid(root, 'lasot')
    (tmp_path / 'some.txt').write_text('bear-2\n')
    (video,) = read_box_videos(path, root, tmp_path / 'some.txt')
    assert video.name == 'bear-2' and video.files['00000001'] == 'bear/bear-2/img/00000001.jpg'
    (tmp_path / 'some.txt').write_text('bear/bear-2/img\n')
    (video,) = read_box_videos(path, root, tmp_path / 'some.txt')
    assert video.name == 'bear/bear-2/img'
    path.write_text(path.read_text().replace('airplane/airplane-9', 'old/bear-2'))
    (tmp_path / 'some.txt').write_text('bear-2\n')
    message = r'some.txt: bear-2 may be old/bear-2/img or bear/bear-2/img in .*lasot.json'
    with pytest.raises(AnnotationError, match=message):
        read_box_videos(path, root, tmp_path / 'some.txt')


def test_the_tool_labels_the_sequences_of_a_training_set(tmp_path, root):
    write(root, 'lasot')
    (tmp_path / 'box.py').write_text("model = dict(type='FilledBoxInitializer')\n")
    (root / 'training_set.txt').write_text('bear-2\n')
    out = tmp_path / 'labels'
    paths = ['--videos', str(root), '--boxes', 'lasot', '--sequences', str(root / 'training_set.txt')]
    command = [sys.executable, str(TOOL), str(tmp_path / 'box.py'), *paths, '--out', str(out)]
    done = subprocess.run([*command, '--device', 'cpu'], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (out / 'videos.txt').read_text() == 'bear-2\n'
    assert np.array_equal(read_foreground(out / 'Annotations' / 'bear-2' / '00000005.png', SIZE), expected(4))
    dataset = LAYOUTS['lasot'][0](
        str(root), ann_dir=str(out / 'Annotations'), ann_file=str(out / 'videos.txt')
    )
    assert [dataset.get_data_info(k)['video_name'] for k in range(len(dataset))] == ['bear-2']


def test_sequences_that_are_not_there_are_named(root):
    build(root, 'got10k')
    (root / 'some.txt').write_text('GOT-10k_Val_000009\n')
    for boxes, videos in (('got10k', root), (write_infos(root, 'got10k'), root.parent)):
        with pytest.raises(AnnotationError, match='some.txt: 1 of 1 .*GOT-10k_Val_000009'):
            read_box_videos(boxes, videos, root / 'some.txt')


def test_parts_of_a_list_with_one_output_are_completed_by_a_call_with_all(tmp_path, root):
    build(root, 'lasot')
    out = tmp_path / 'out'
    for name in ('airplane-9', 'bear-2'):
        (tmp_path / f'{name}.txt').write_text(name)
        make(root, 'lasot', out, tmp_path / f'{name}.txt')
    assert (out / 'videos.txt').read_text() == 'bear-2\n'
    assert len(list((out / 'Annotations').rglob('*.png'))) == 10
    times = {path: path.stat().st_mtime_ns for path in (out / 'Annotations').rglob('*.png')}
    make(root, 'lasot', out)
    assert (out / 'videos.txt').read_text() == 'airplane-9\nbear-2\n'
    assert times == {path: path.stat().st_mtime_ns for path in (out / 'Annotations').rglob('*.png')}
