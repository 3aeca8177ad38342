"""``vosplug test``: segment and score the test videos of a config."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from .arguments import add_runner_arguments, add_slurm, set_local_rank
from .output import json_output

if TYPE_CHECKING:
    from mmengine.config import Config

HELP = 'segment and score the test videos of a config'
EXAMPLE = 'vosplug test xmem_box/xmem_tiny_synthetic-box.py work_dirs/tiny/iter_100.pth --out masks/'

NEEDED = ('model', 'test_dataloader.dataset', 'test_evaluator', 'test_cfg')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_runner_arguments(parser)
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument('checkpoint', nargs='?', help='weights; not needed if the model has none')
    weights.add_argument(
        '--untrained', action='store_true', help='test with the weights that training would start from'
    )
    parser.add_argument(
        '--resume',
        action='store_true',
        help='skip the videos that an earlier run with this work dir finished',
    )
    parser.add_argument(
        '--shard', metavar='I/N', help='test the I-th of N parts of the videos; --resume then scores them all'
    )
    parser.add_argument('--out', metavar='DIR', help='write predicted masks there, <video>/<frame>.png')
    parser.add_argument('--show-dir', metavar='DIR', help='write frames with coloured masks there')
    parser.add_argument(
        '--report', metavar='FILE.html', help='write a page of scores, worst frames, error maps and speed'
    )
    parser.add_argument(
        '--executor',
        choices=['local', 'slurm'],
        default='local',
        help='slurm: test in --workers Slurm jobs, then score here',
    )
    add_slurm(parser, jobs='number of Slurm jobs')


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from ..config import config_errors, load_config, require_keys
    from ..engine.runner import build_runner, end_processes, prepare, worker_errors
    from ..engine.video_runner import unwrapped
    from .slurm import check_workers

    check_workers(args)
    if args.report and (args.shard or args.executor == 'slurm'):
        raise ConfigError('--report: cannot be combined with --shard or --executor slurm.')
    if args.shard and args.launcher != 'none':
        raise ConfigError('--shard: cannot be combined with --launcher; both share videos among processes.')
    set_local_rank(args)
    with json_output(args.json) as emit:
        cfg = load_config(args.config, args.cfg_options)
        require_keys(cfg, NEEDED, 'testing')
        prepare(cfg, args)
        if args.executor == 'slurm':
            _run_jobs(args, cfg.work_dir)
        initial = cfg.get('load_from') if args.untrained else None
        cfg.load_from, cfg.resume = None, False  # the initial weights of training need not exist
        _share_videos(cfg, args.shard)
        if args.resume:
            cfg.test_cfg.resume = True
        hooks = list(cfg.get('custom_hooks') or [])
        if args.out:
            hooks.append(dict(type='MaskWriterHook', out_dir=args.out))
        if args.show_dir:
            hooks.append(dict(type='OverlayHook', out_dir=args.show_dir))
        if args.report:
            hooks.append(dict(type='ReportHook', out_file=args.report))
        cfg.custom_hooks = hooks
        runner = build_runner(cfg)
        model = unwrapped(runner.model)
        _load(model, args.checkpoint or initial, args.untrained)
        with config_errors(cfg), worker_errors():
            scores = runner.test()
        if args.shard:
            runner.logger.info(
                f'These are the scores of shard {args.shard} only. After all shards, run with --resume.'
            )
        del runner, model
        end_processes()
        emit(scores)


def _run_jobs(args: argparse.Namespace, work_dir: str) -> None:
    """Test in Slurm jobs; this process then only scores the finished videos."""
    from .slurm import run_shards

    if args.shard or args.launcher != 'none':
        raise ConfigError('--executor slurm: cannot be combined with --shard or --launcher.')
    argv = [*args.argv, '--work-dir', work_dir, '--resume']
    run_shards('test', argv, args.workers, args.sbatch, Path(work_dir, 'slurm'))
    args.resume = True


def _share_videos(cfg: 'Config', shard: str | None) -> None:
    """Test only the videos of a shard; its scores are not the benchmark's, so no file is written for them."""
    from ..pseudo_labels import Shard

    if shard is None:
        return
    part = Shard.parse(shard)
    cfg.test_dataloader.sampler = dict(type='VideoSampler', shard=(part.index, part.count))
    metrics = cfg.test_evaluator if isinstance(cfg.test_evaluator, list) else [cfg.test_evaluator]
    for metric in metrics:
        metric.pop('out_file', None)


def _load(model: Any, checkpoint: str | None, untrained: bool) -> None:
    from ..checkpoint import load_weights

    if untrained:
        model.init_weights()
    elif checkpoint is None and model.state_dict():
        raise ConfigError(
            'testing: this model needs weights; give the checkpoint after the config, or --untrained for '
            'those that training would start from.'
        )
    if checkpoint is not None:
        load_weights(model, checkpoint)
