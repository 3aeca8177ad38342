"""``vosplug train``: train the model of a config."""

import argparse
import sys

from .arguments import add_runner_arguments, set_local_rank
from .output import json_output

HELP = 'train the video object segmentor of a config'
EXAMPLE = 'vosplug train xmem_box/xmem_tiny_synthetic-box.py --work-dir work_dirs/tiny'

NEEDED = ('model', 'train_dataloader.dataset', 'train_cfg', 'optim_wrapper')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_runner_arguments(parser)
    parser.add_argument(
        '--resume', action='store_true', help='resume from the latest checkpoint in the work dir'
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision (GPU only)')


def run(args: argparse.Namespace) -> int:
    """Run the command; 130 or 143 after a signal, when the training's state is saved."""
    from ..config import config_errors, load_config, require_keys
    from ..engine.resume import saved_checkpoints
    from ..engine.runner import (
        build_runner,
        end_processes,
        prepare,
        resume_latest,
        share_batch,
        use_amp,
        worker_errors,
    )
    from ..engine.stop_signals import TrainingStopped

    set_local_rank(args)
    with json_output(args.json) as emit:
        cfg = load_config(args.config, args.cfg_options)
        require_keys(cfg, NEEDED, 'training')
        prepare(cfg, args)
        share_batch(cfg)
        if args.amp:
            use_amp(cfg)
        if args.resume or cfg.get('resume', False):
            resume_latest(cfg)
        try:
            runner = build_runner(cfg)
            with config_errors(cfg), worker_errors():
                runner.train()
        except TrainingStopped as stopped:
            print(stopped, file=sys.stderr)
            return stopped.exit_code
        del runner
        end_processes()
        emit(dict(work_dir=cfg.work_dir, checkpoints=[str(p) for p in saved_checkpoints(cfg.work_dir)]))
    return 0
