"""Test a model: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse
import sys

from mmengine.config import Config
from torch import nn

from vosplug.checkpoint import load_weights
from vosplug.config import config_errors, load_config, require_keys
from vosplug.engine.cli import make_parser, parse, parse_shard
from vosplug.engine.runner import build_runner, end_processes, prepare, worker_errors
from vosplug.errors import ConfigError, VOSError

NEEDED = ('model', 'test_dataloader.dataset', 'test_evaluator', 'test_cfg')


def parse_args() -> argparse.Namespace:
    parser = make_parser('Segment and score the test videos of a config.')
    parser.add_argument('checkpoint', nargs='?', help='weights; not needed by a model without any')
    parser.add_argument(
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
    args = parse(parser)
    if args.untrained and args.checkpoint:
        parser.error(f'--untrained: found the checkpoint {args.checkpoint} too, expected one of them.')
    if args.shard and args.launcher != 'none':
        parser.error('--shard: cannot be combined with --launcher; both share the videos among processes.')
    return args


def share_videos(cfg: Config, shard: str | None) -> None:
    """Test only the videos of a shard; its numbers are not those of the benchmark, so no file gets them."""
    if shard is None:
        return
    cfg.test_dataloader.sampler = dict(type='VideoSampler', shard=parse_shard(shard))
    metrics = cfg.test_evaluator if isinstance(cfg.test_evaluator, list) else [cfg.test_evaluator]
    for metric in metrics:
        metric.pop('out_file', None)


def load(model: nn.Module, checkpoint: str | None, untrained: bool) -> None:
    if untrained:
        model.init_weights()
    elif checkpoint is None and model.state_dict():
        raise ConfigError(
            'tools/test.py: this model has weights; give the checkpoint after the config, or --untrained for '
            'those that training would start from.'
        )
    if checkpoint is not None:
        load_weights(model, checkpoint)


def main() -> None:
    args = parse_args()
    try:
        cfg = load_config(args.config, args.cfg_options)
        require_keys(cfg, NEEDED, 'tools/test.py')
        prepare(cfg, args)
        initial = cfg.get('load_from') if args.untrained else None
        cfg.load_from, cfg.resume = None, False  # the initial weights of training need not exist
        share_videos(cfg, args.shard)
        if args.resume:
            cfg.test_cfg.resume = True
        hooks = list(cfg.get('custom_hooks') or [])
        if args.out:
            hooks.append(dict(type='MaskWriterHook', out_dir=args.out))
        if args.show_dir:
            hooks.append(dict(type='OverlayHook', out_dir=args.show_dir))
        cfg.custom_hooks = hooks
        runner = build_runner(cfg)
        load(getattr(runner.model, 'module', runner.model), args.checkpoint or initial, args.untrained)
        with config_errors(cfg), worker_errors():
            runner.test()
        if args.shard:
            runner.logger.info(
                f'These are the numbers of shard {args.shard} only. After all shards: --resume.'
            )
        end_processes()
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
