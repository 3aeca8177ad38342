"""Draw curves of one or several logs: ``analyze_logs.py RUN/*/vis_data/scalars.json --keys loss``."""

import argparse
from pathlib import Path

from vosplug.analysis.training_curves import read_runs, write_training_curves
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='One panel per logged number, one line per log.')
    parser.add_argument(
        'json_logs',
        nargs='+',
        type=Path,
        help='vis_data/*.json of runs, or their work dirs (resumed runs whole)',
    )
    parser.add_argument(
        '--keys', nargs='+', help='logged numbers, such as loss loss_ce lr J&F-Mean; default: all losses'
    )
    parser.add_argument('--legend', nargs='+', help='names of the logs; default: those of their runs')
    parser.add_argument('--title', help='above the panels')
    parser.add_argument('--out', default='curves.png', help='image file; the suffix selects the format')
    args = parser.parse_args()
    if args.legend and len(args.legend) != len(args.json_logs):
        parser.error(f'--legend: found {len(args.legend)} names for {len(args.json_logs)} logs.')
    return args


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        write_training_curves(args.out, read_runs(args.json_logs, args.legend), args.keys, args.title)
        print(args.out)


if __name__ == '__main__':
    main()
