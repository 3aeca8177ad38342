"""Train a model: ``python tools/train.py CONFIG``."""

import argparse
import sys

from vosplug.config import config_errors, load_config, require_keys
from vosplug.engine.cli import make_parser, parse
from vosplug.engine.runner import (
    build_runner,
    end_processes,
    prepare,
    resume_latest,
    share_batch,
    use_amp,
    worker_errors,
)
from vosplug.engine.stop_signals import TrainingStopped
from vosplug.errors import VOSError

NEEDED = ('model', 'train_dataloader.dataset', 'train_cfg', 'optim_wrapper')


def parse_args() -> argparse.Namespace:
    parser = make_parser('Train a video object segmentor.')
    parser.add_argument(
        '--resume', action='store_true', help='resume from the latest checkpoint in the work dir'
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision (GPU only)')
    return parse(parser)


def main() -> None:
    args = parse_args()
    try:
        cfg = load_config(args.config, args.cfg_options)
        require_keys(cfg, NEEDED, 'tools/train.py')
        prepare(cfg, args)
        share_batch(cfg)
        if args.amp:
            use_amp(cfg)
        if args.resume or cfg.get('resume', False):
            resume_latest(cfg)
        runner = build_runner(cfg)
        with config_errors(cfg), worker_errors():
            runner.train()
        end_processes()
    except TrainingStopped as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(stopped.exit_code)
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
