"""Every benchmark in small, in the layout of its page, and a tracker in place of trained networks."""

import itertools
import json
from pathlib import Path

from doc_shell import REPO
from small_data import (
    make_masks,
    write_davis,
    write_segtrack,
    write_taovos,
    write_youtube_objects,
    write_ytvos,
)
from small_tracking import BOXES, LAYOUTS, build, write_cocovid, write_infos, write_track
from test_vot2020_dataset import write_vot

# the categories that the page's split does not train on
SPLIT_UNSEEN = (
    *('knife', 'lizard', 'motorbike', 'penguin', 'rabbit'),
    *('shark', 'skateboard', 'snail', 'snowboard', 'zebra'),
)
SEVEN = REPO / 'configs' / '_base_' / 'datasets' / 'davis2016_seven.txt'


def write_benchmarks(data: Path, length: int) -> None:
    """All benchmarks below ``data``, and folders of predictions beside it; ``length`` of training videos."""
    seven = SEVEN.read_text().split()
    davis = write_davis(data / 'davis2016', {name: make_masks(4) for name in seven})
    (davis / 'ImageSets' / '480p').mkdir()
    (davis / 'ImageSets' / '480p' / 'val.txt').write_text('\n'.join(seven))
    davis = write_davis(
        data / 'davis2017', {name: make_masks(length) for name in ('blackswan', 'aerobatics')}
    )
    (davis / 'ImageSets' / '2017').mkdir()
    for part in ('train', 'val'):
        (davis / 'ImageSets' / '2017' / f'{part}.txt').write_text('blackswan\n')
    (davis / 'ImageSets' / '2017' / 'test-dev.txt').write_text('aerobatics\n')
    for mask in sorted((davis / 'Annotations' / '480p' / 'aerobatics').iterdir())[1:]:
        mask.unlink()
    (davis / 'Annotations_unsupervised').symlink_to(davis / 'Annotations')
    (data.parent / 'proposals').symlink_to(davis / 'Annotations' / '480p')
    write_davis(data / 'long_video', {'rat': make_masks(5)}, resolution='')
    videos = {f'{k:010x}': make_masks(length) for k in range(100)}
    for year in (2018, 2019):
        write_ytvos(data / f'ytvos{year}', 'train', videos)
        write_categories(data / f'ytvos{year}' / 'train' / 'meta.json', (*SPLIT_UNSEEN, 'ape', 'cow'))
        write_ytvos(data / f'ytvos{year}', 'valid', {'0a': make_masks(4)}, first_only=True)
        (data / f'ytvos{year}' / 'valid_all_frames').symlink_to(data / f'ytvos{year}' / 'valid')
    (data / 'mose').symlink_to(data / 'ytvos2018')  # it has the same layout
    write_taovos(data / 'taovos', 'valid', {'LaSOT/zebra-14': make_masks(4)})
    moving = {1: make_masks(5, ids=(1,)) == 1, 2: make_masks(5, ids=(1, 2)) == 2}
    write_segtrack(data / 'segtrack_v2', {'bmx': moving})
    write_youtube_objects(data / 'youtube_objects', {'cow/0001/001': make_masks(21, ids=(1,)) == 1})
    write_tracks(data)
    write_vot(data / 'vot2020')
    write_vot(data / 'vot2020-workspace' / 'sequences')


def write_categories(path: Path, categories: tuple[str, ...]) -> None:
    """Change a meta file: objects of a video are of one category, and all categories have as many videos."""
    meta = json.loads(path.read_text())
    for video, category in zip(meta['videos'].values(), itertools.cycle(categories), strict=False):
        for tracked in video['objects'].values():
            tracked['category'] = category
    path.write_text(json.dumps(meta))


def write_tracks(data: Path) -> None:
    """GOT-10k, LaSOT and TrackingNet; test sets have only their first boxes."""
    for part in ('val', 'train'):
        build(data / 'got10k' / part, 'got10k')
    names = LAYOUTS['got10k'][1]
    for name in names:
        write_track(data / 'got10k' / 'test', 'got10k', name, boxes=BOXES[:1])
    (data / 'got10k' / 'test' / 'list.txt').write_text('\n'.join(names))
    annotations = data.parent / 'annotations'
    annotations.mkdir()
    infos = write_infos(data / 'got10k' / 'train', 'got10k')
    infos.rename(annotations / 'got10k_train_infos.txt')
    cocovid = write_cocovid(data / 'got10k' / 'train', 'got10k')
    cocovid.rename(annotations / 'half-train_cocoformat.json')
    build(data / 'lasot', 'lasot')
    for name in ('testing_set.txt', 'training_set.txt'):
        (data / 'lasot' / name).write_text('\n'.join(LAYOUTS['lasot'][1]))
    build(data / 'trackingnet' / 'TRAIN_0', 'trackingnet')
    for name in LAYOUTS['trackingnet'][1]:
        write_track(data / 'trackingnet' / 'TEST', 'trackingnet', name, boxes=BOXES[:1])


def with_a_small_tracker(arguments: list[str], folder: Path) -> list[str]:
    """Arguments of a test whose checkpoint nobody has trained: another model on the same data."""
    command, config, *rest = arguments
    if not rest or not rest[0].endswith('.pth') or (folder / rest[0]).exists():
        return arguments
    made = folder / Path(config).name
    made.write_text(
        f"""
        _base_ = ['vosplug::{config.removeprefix('configs/')}']
        model = dict(_delete_=True, type='StreamingModel', tracker=dict(type='ColourHistogramTracker'))
        custom_imports = dict(imports=['example_project'])
        load_from = None
    """.replace('\n        ', '\n')
    )
    kept = [each for each in rest[1:] if not each.startswith('model.')]
    if kept[-1:] == ['--cfg-options']:
        kept.pop()
    return [command, str(made), *kept]
