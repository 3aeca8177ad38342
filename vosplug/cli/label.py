"""``vosplug label``: a dataset of masks from boxes."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError
from ..files import is_dir
from ..progress import progress_bar
from .arguments import add_cfg_options, add_json, add_slurm
from .output import json_output

if TYPE_CHECKING:
    from ..pseudo_labels import BoxVideo, LabelFactory, Recipe, Shard

HELP = 'make a dataset of masks from boxes; the same command again resumes, or updates what changed'
EXAMPLE = 'vosplug label box2seg-tiny --videos videos/ --boxes boxes.csv --out labels/'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        'config',
        help='config of a box-to-mask model, or box2seg-tiny or an .onnx file, which include weights',
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
    parser.add_argument('--device', help='default: one GPU per process, or cpu')
    add_cfg_options(parser)
    add_json(parser)
    _add_rules(parser.add_argument_group('manual masks, rules and quality'))
    _add_processes(parser.add_argument_group('many videos, several processes'))


def _add_rules(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--masks', metavar='DIR', help='manual masks, for fine-tuning; kept in OUT/decisions')
    group.add_argument(
        '--mask-frame',
        default='middle',
        metavar='RULE',
        help='which manual masks to use, per object: middle (default), first, all, or a frame name',
    )
    group.add_argument(
        '--corrections', metavar='DIR', help='manual masks that correct bad frames; kept in OUT/decisions'
    )
    group.add_argument('--bad', metavar='CSV', help='video,object,frame of masks to remove; kept likewise')
    group.add_argument(
        '--truth', metavar='DIR', help='ground-truth masks, for --min-iou and the quality report'
    )
    group.add_argument('--min-iou', type=float, default=0.0, help='remove masks with a lower IoU; 0 to 1')
    group.add_argument(
        '--overlap',
        default='score',
        help='which mask wins overlapping pixels: score (default), smaller, first or last',
    )
    group.add_argument('--worst', type=int, default=24, help='masks shown in worst.png; 0: no image')


def _add_processes(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--shard',
        default='1/1',
        metavar='I/N',
        help='label the I-th of N parts of the videos, as in a job array; the last to finish writes the '
        'files of the whole set',
    )
    group.add_argument(
        '--finalize', action='store_true', help='only write the files of the whole set, if it is finished'
    )
    group.add_argument(
        '--manifest',
        default='csv',
        choices=['csv', 'parquet'],
        help='parquet: a folder of partitions, and no instances.json and worst.png, for millions of videos',
    )
    group.add_argument('--chunk', type=int, default=1000, help='videos per partition of the manifest')
    group.add_argument(
        '--executor',
        default='local',
        choices=['local', 'ray', 'slurm'],
        help='where the model runs: in this process (or those of torchrun), on a Ray cluster, in Slurm jobs',
    )
    add_slurm(group, jobs='number of Slurm jobs; of Ray workers, by default one per GPU, or per CPU')


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from ..pseudo_labels import Recipe, Shard
    from .slurm import check_workers

    check_workers(args)
    with json_output(args.json) as emit:
        args.device = args.device or _default_device()
        shard = Shard.parse(args.shard).of_torchrun()
        recipe = Recipe(**{name: getattr(args, name) for name in Recipe.__struct_fields__})
        videos = recipe.read_videos()
        factory = _factory(args, recipe, videos)
        if args.executor == 'slurm' and not args.finalize:
            _run_jobs(args, shard)
        elif not args.finalize:
            _label(args, factory, videos, shard)
        numbers: dict = {}
        rows = factory.finalize(
            videos,
            None if args.finalize else shard.count,
            lambda rows: numbers.update(_numbers(args, videos, rows)),
        )
        if rows is None:
            print(
                f'process {shard.index}: the last of {shard.count} shards writes the files of the whole set'
            )
            return
        for name, value in numbers.items():
            print(f'{name:<14} {value if isinstance(value, int) else f"{100 * value:.1f}%"}')
        _warn_of_skipped(rows)
        emit(numbers)


def _warn_of_skipped(rows: list[list[str]]) -> None:
    """Warn of the unusable boxes in a manifest, with the reasons."""
    from ..pseudo_labels.output import MANIFEST

    examples: dict[str, list[dict[str, str]]] = {}
    for row in (dict(zip(MANIFEST, values, strict=True)) for values in rows):
        if row['status'] == 'skipped':
            examples.setdefault(row['reason'], []).append(row)
    for reason, skipped in examples.items():
        first = skipped[0]
        print(
            f'warning: {len(skipped)} of {len(rows)} boxes were skipped ({reason}), such as that of object '
            f'{first["object"]} in frame {first["frame"]!r} of {first["video"]}; manifest.csv lists all.',
            file=sys.stderr,
        )


def _factory(args: argparse.Namespace, recipe: 'Recipe', videos: 'list[BoxVideo]') -> 'LabelFactory':
    from ..pseudo_labels import ManualMasks, read_listed

    manual = ManualMasks(args.masks, args.mask_frame) if args.masks else None
    corrections = ManualMasks(args.corrections, 'all') if args.corrections else None
    for masks in (manual, corrections):
        if masks and not any(is_dir(masks.folder / video.name) for video in videos):
            print(
                f'warning: {masks.folder}: no masks of any of the {len(videos)} videos; expected '
                f'<video>/<frame>.png, such as in a folder {videos[0].name!r}.',
                file=sys.stderr,
            )
    listed = read_listed(args.bad, videos) if args.bad else frozenset()
    return recipe.make_factory(args.out, args.device, listed, manual, corrections)


def _default_device() -> str:
    import torch

    count = torch.cuda.device_count()
    return f'cuda:{int(os.environ.get("LOCAL_RANK", 0)) % count}' if count else 'cpu'


def _run_jobs(args: argparse.Namespace, shard: 'Shard') -> None:
    """Make the labels in Slurm jobs; this process then finalizes, which checks that all are there."""
    from .slurm import run_shards

    if shard.count > 1:
        raise ConfigError('--executor slurm: cannot be combined with --shard or torchrun.')
    run_shards('label', args.argv, args.workers, args.sbatch, Path(args.out, 'work', 'slurm'))
    args.finalize = True


def _label(
    args: argparse.Namespace, factory: 'LabelFactory', videos: 'list[BoxVideo]', shard: 'Shard'
) -> None:
    """Make the labels of a shard of videos."""
    from ..pseudo_labels import RayExecutor, local

    executor = RayExecutor(args.workers, args.device.startswith('cuda')) if args.executor == 'ray' else local
    with progress_bar('boxes') as bar:
        shown = bar if shard.index == 0 and bar else partial(_print_progress, shard.index)
        made = factory.make_all(videos, shown, shard, executor)
    count = factory.plan(videos).num_videos(shard)
    print(f'process {shard.index}: {made} of {count} videos made, the others were up to date', flush=True)


def _print_progress(rank: int, done: int, total: int) -> None:
    """Progress for logs, and for processes without a progress bar."""
    print(f'process {rank}: {done} of {total} boxes', flush=True)


def _numbers(args: argparse.Namespace, videos: 'list[BoxVideo]', rows: list[list[str]]) -> dict:
    from ..pseudo_labels import write_numbers, write_quality

    if args.manifest == 'parquet':
        return write_numbers(args.out)
    return write_quality(args.out, videos, rows, args.truth, args.worst)
