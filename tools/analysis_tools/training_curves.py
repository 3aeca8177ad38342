"""Plot the training curves of one or several runs: ``training_curves.py WORK_DIR ... --out FILE.png``."""

import argparse
from pathlib import Path

from vosplug.analysis.training_curves import read_runs, write_training_curves
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Plot training curves: one panel per logged number, one line per run.'
    )
    parser.add_argument('work_dirs', nargs='+', type=Path, metavar='WORK_DIR', help='work dir of a run')
    parser.add_argument('--out', required=True, help='image file; the suffix selects the format')
    parser.add_argument('--names', nargs='+', help='logged numbers to plot; default: all losses')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        write_training_curves(args.out, read_runs(args.work_dirs), args.names)


if __name__ == '__main__':
    main()
