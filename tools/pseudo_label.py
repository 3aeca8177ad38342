"""Masks from boxes, as a dataset: ``pseudo_label.py CONFIG [CHECKPOINT] --videos .. --boxes .. --out ..``."""

import argparse
import os
import sys
from functools import partial

import torch
from mmengine.config import DictAction
from msgspec import structs

from vosplug.errors import VOSError
from vosplug.progress import progress_bar
from vosplug.pseudo_labels import (
    BoxVideo,
    LabelFactory,
    ManualMasks,
    RayExecutor,
    Recipe,
    Shard,
    local,
    read_listed,
    write_numbers,
    write_quality,
)
from vosplug.pseudo_labels.composition import OVERLAPS


def default_device() -> str:
    count = torch.cuda.device_count()
    return f'cuda:{int(os.environ.get("LOCAL_RANK", 0)) % count}' if count else 'cpu'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Make a dataset of masks from boxes. Run the same command again to resume, or change '
        'rules or masks: only affected objects are recomputed. Use torchrun, --shard or --executor ray for '
        'several processes.'
    )
    parser.add_argument(
        'config', help='config of a box-to-mask model, or box2seg-tiny, which includes weights'
    )
    parser.add_argument('checkpoint', nargs='?', help='weights; required for Box2Seg configs')
    parser.add_argument('--videos', required=True, help='folder of videos')
    parser.add_argument(
        '--boxes',
        required=True,
        help='CSV, YouTube-VIS, TAO or CocoVID JSON, an MMTracking list, or got10k, lasot or trackingnet: '
        'the benchmark in the folder of videos',
    )
    parser.add_argument(
        '--sequences',
        metavar='FILE',
        help='image set of the videos to label; for a benchmark, also a file of MMTracking',
    )
    parser.add_argument('--out', required=True, help='output folder')
    parser.add_argument('--masks', metavar='DIR', help='manual masks, for fine-tuning; kept in OUT/decisions')
    parser.add_argument(
        '--mask-frame',
        default='middle',
        metavar='RULE',
        help='which manual masks to use, per object: middle (default), first, all, or a frame name',
    )
    parser.add_argument(
        '--corrections', metavar='DIR', help='manual masks that correct bad frames; kept in OUT/decisions'
    )
    parser.add_argument('--bad', metavar='CSV', help='video,object,frame of masks to remove; likewise')
    parser.add_argument(
        '--truth', metavar='DIR', help='ground-truth masks, for --min-iou and the quality report'
    )
    parser.add_argument('--min-iou', type=float, default=0.0, help='remove masks with a lower IoU; 0 to 1')
    parser.add_argument(
        '--overlap', default='score', choices=sorted(OVERLAPS), help='which mask wins overlapping pixels'
    )
    parser.add_argument('--worst', type=int, default=24, help='masks shown in worst.png')
    parser.add_argument(
        '--shard',
        default='1/1',
        metavar='I/N',
        help='label the I-th of N parts of the videos, as in a job array; the last one to end writes the '
        'files of the whole set',
    )
    parser.add_argument(
        '--finalize', action='store_true', help='only write the files of the whole set, if it is finished'
    )
    parser.add_argument(
        '--manifest',
        default='csv',
        choices=['csv', 'parquet'],
        help='parquet: a folder of partitions, and no instances.json and worst.png, for millions of videos',
    )
    parser.add_argument('--chunk', type=int, default=1000, help='videos per partition of the manifest')
    parser.add_argument('--executor', default='local', choices=['local', 'ray'], help='what runs the model')
    parser.add_argument('--workers', type=int, help='of Ray; default: one per GPU, or per CPU')
    parser.add_argument('--device', default=default_device(), help='default: one GPU per process, or cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='config overrides, key.sub=value')
    return parser.parse_args()


def print_progress(rank: int, done: int, total: int) -> None:
    """Progress for logs, and for processes without a progress bar."""
    print(f'process {rank}: {done} of {total} boxes', flush=True)


def make_recipe(args: argparse.Namespace) -> Recipe:
    """What the command line says of model, boxes and rules."""
    given = {name: getattr(args, name) for name in structs.asdict(Recipe(config='', videos='', boxes=''))}
    return Recipe(**given)


def make_factory(args: argparse.Namespace, recipe: Recipe, videos: list[BoxVideo]) -> LabelFactory:
    """Build the factory from the command line."""
    return recipe.make_factory(
        args.out,
        args.device,
        read_listed(args.bad, videos) if args.bad else frozenset(),
        ManualMasks(args.masks, args.mask_frame) if args.masks else None,
        ManualMasks(args.corrections, 'all') if args.corrections else None,
    )


def label(args: argparse.Namespace, factory: LabelFactory, videos: list[BoxVideo], shard: Shard) -> None:
    """Make the labels of a shard of videos."""
    executor = RayExecutor(args.workers, args.device.startswith('cuda')) if args.executor == 'ray' else local
    with progress_bar('boxes') as bar:
        shown = bar if shard.index == 0 and bar else partial(print_progress, shard.index)
        made = factory.make_all(videos, shown, shard, executor)
    count = factory.plan(videos).num_videos(shard)
    print(f'process {shard.index}: {made} of {count} videos made, the others were up to date', flush=True)


def main() -> None:
    args = parse_args()
    try:
        shard = Shard.parse(args.shard).of_torchrun()
        recipe = make_recipe(args)
        videos = recipe.read_videos()
        factory = make_factory(args, recipe, videos)
        if not args.finalize:
            label(args, factory, videos, shard)
        rows = factory.finalize(videos, None if args.finalize else shard.count)
        if rows is None:
            print(
                f'process {shard.index}: the last of {shard.count} shards writes the files of the whole set'
            )
            return
        if args.manifest == 'parquet':
            numbers = write_numbers(args.out)
        else:
            numbers = write_quality(args.out, videos, rows, args.truth, args.worst)
        for name, value in numbers.items():
            print(f'{name:<14} {value if isinstance(value, int) else f"{100 * value:.1f}%"}')
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
