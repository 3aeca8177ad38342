"""Masks from boxes, as a dataset: ``pseudo_label.py CONFIG [CHECKPOINT] --videos .. --boxes .. --out ..``."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import torch
import torch.distributed as dist
from mmengine.config import DictAction

from vosplug.errors import ConfigError, VOSError
from vosplug.progress import progress_bar
from vosplug.pseudo_labels import (
    BoxVideo,
    LabelFactory,
    ManualMasks,
    Rules,
    build_labeller,
    read_box_videos,
    read_listed,
    shard,
    write_quality,
)
from vosplug.pseudo_labels.composition import OVERLAPS


def default_device() -> str:
    count = torch.cuda.device_count()
    return f'cuda:{int(os.environ.get("LOCAL_RANK", 0)) % count}' if count else 'cpu'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Make a dataset of masks from boxes. Run the same command again to resume, or change '
        'rules or masks: only affected objects are recomputed. Use torchrun for several processes.'
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
    parser.add_argument('--masks', metavar='DIR', help='manual masks, used for fine-tuning and kept')
    parser.add_argument(
        '--mask-frame',
        default='middle',
        metavar='RULE',
        help='which manual masks to use, per object: middle (default), first, all, or a frame name',
    )
    parser.add_argument('--corrections', metavar='DIR', help='manual masks that correct bad frames')
    parser.add_argument('--bad', metavar='CSV', help='video,object,frame of masks to remove')
    parser.add_argument(
        '--truth', metavar='DIR', help='ground-truth masks, for --min-iou and the quality report'
    )
    parser.add_argument('--min-iou', type=float, default=0.0, help='remove masks with a lower IoU; 0 to 1')
    parser.add_argument(
        '--overlap', default='score', choices=sorted(OVERLAPS), help='which mask wins overlapping pixels'
    )
    parser.add_argument('--worst', type=int, default=24, help='masks shown in worst.png')
    parser.add_argument('--device', default=default_device(), help='default: one GPU per process, or cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='config overrides, key.sub=value')
    return parser.parse_args()


@contextmanager
def processes() -> Iterator[tuple[int, int]]:
    """Rank and world size from torchrun; at the end, processes wait for each other."""
    world_size = int(os.environ.get('WORLD_SIZE', 1))
    if world_size == 1:
        yield 0, 1
        return
    # a video may take hours on one process while another waits
    dist.init_process_group('gloo', timeout=timedelta(days=30))
    try:
        yield dist.get_rank(), world_size
    finally:
        dist.destroy_process_group()


def print_progress(rank: int, done: int, total: int) -> None:
    """Progress for logs, and for processes without a progress bar."""
    print(f'process {rank}: {done} of {total} boxes', flush=True)


def make_factory(args: argparse.Namespace, videos: list[BoxVideo]) -> LabelFactory:
    """Build the factory from the command line."""
    labeller = build_labeller(args.config, args.checkpoint, args.device, args.cfg_options)
    listed = read_listed(args.bad, videos) if args.bad else frozenset()
    if args.min_iou and not args.truth:
        raise ConfigError('--min-iou: needs ground-truth masks; give --truth DIR.')
    return LabelFactory(
        args.out,
        labeller,
        Rules(args.overlap, listed, args.min_iou),
        ManualMasks(args.masks, args.mask_frame) if args.masks else None,
        ManualMasks(args.corrections, 'all') if args.corrections else None,
        args.truth,
    )


def main() -> None:
    args = parse_args()
    try:
        with processes() as (rank, world_size):
            videos = read_box_videos(args.boxes, args.videos, args.sequences)
            factory = make_factory(args, videos)
            mine = shard(videos, rank, world_size)
            with progress_bar('boxes') as bar:
                shown = bar if rank == 0 and bar else partial(print_progress, rank)
                made = factory.make_all(mine, shown)
            print(
                f'process {rank}: {made} of {len(mine)} videos made, the others were up to date', flush=True
            )
            if world_size > 1:
                dist.barrier()
            if rank == 0:
                rows = factory.finalize(videos)
                numbers = write_quality(args.out, videos, rows, args.truth, args.worst)
                for name, value in numbers.items():
                    print(f'{name:<14} {value if isinstance(value, int) else f"{100 * value:.1f}%"}')
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
