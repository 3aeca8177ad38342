"""``vosplug demo``: train with box supervision on generated videos, test and report."""

import argparse
import sys

from .arguments import add_cfg_options, add_json
from .output import json_output

HELP = 'train on generated videos with box supervision only, test, and write a report'
EXAMPLE = 'vosplug demo --work-dir work_dirs/demo'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument('--config', default='xmem_box/xmem_tiny_synthetic-box.py')
    parser.add_argument('--work-dir', default='work_dirs/demo')
    add_cfg_options(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; 1 if the model does not beat the baselines, 130 or 143 after a signal."""
    from ..analysis.demo import format_summary, run_demo, shortfalls
    from ..config import config_errors, load_config
    from ..engine.stop_signals import TrainingStopped

    with json_output(args.json) as emit:
        cfg = load_config(args.config, args.cfg_options)
        cfg.work_dir = args.work_dir
        try:
            with config_errors(cfg):
                summary = run_demo(cfg)
        except TrainingStopped as stopped:
            print(stopped, file=sys.stderr)
            return stopped.exit_code
        print(f'\n{format_summary(summary)}\n\n{summary["wall_s"]} s; open {args.work_dir}/index.html')
        emit(summary)
    missed = shortfalls(summary)
    if missed:
        print('The demo failed: the model does not beat\n  ' + '\n  '.join(missed), file=sys.stderr)
    return 1 if missed else 0
