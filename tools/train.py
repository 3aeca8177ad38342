"""Train a model: ``python tools/train.py CONFIG``."""

import argparse
import sys

from mmengine.config import DictAction

from vosplug.engine.runner import (
    build_runner,
    load_config,
    naming_config,
    prepare,
    set_local_rank,
    use_amp,
)
from vosplug.errors import VOSError


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Train a video object segmentor.')
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='folder of logs and checkpoints (work_dirs/<config name>)')
    parser.add_argument(
        '--resume', action='store_true', help='go on from the latest checkpoint in the work dir'
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision (GPU only)')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='changes, as key.sub=value')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    set_local_rank(args)
    try:
        cfg = prepare(load_config(args.config, args.cfg_options), args)
        if args.amp:
            use_amp(cfg)
        cfg.resume = args.resume or cfg.get('resume', False)
        runner = build_runner(cfg)
        with naming_config(cfg):
            runner.train()
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
