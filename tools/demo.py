"""Train with box supervision, test and report: ``python tools/demo.py``."""

import argparse
import sys

from mmengine.config import DictAction

from vosplug.analysis.demo import format_summary, run_demo, shortfalls
from vosplug.config import config_errors, load_config
from vosplug.engine.stop_signals import TrainingStopped
from vosplug.errors import VOSError


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Train on generated videos with box supervision only, test, and write a report.'
    )
    parser.add_argument('--config', default='xmem_box/xmem_tiny_synthetic-box.py')
    parser.add_argument('--work-dir', default='work_dirs/demo')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='config overrides, key.sub=value')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    try:
        cfg = load_config(args.config, args.cfg_options)
        cfg.work_dir = args.work_dir
        with config_errors(cfg):
            summary = run_demo(cfg)
    except TrainingStopped as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(stopped.exit_code)
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')
    print(f'\n{format_summary(summary)}\n\n{summary["wall_s"]} s; open {args.work_dir}/index.html')
    missed = shortfalls(summary)
    if missed:
        sys.exit('The demo failed: the model does not beat\n  ' + '\n  '.join(missed))


if __name__ == '__main__':
    main()
