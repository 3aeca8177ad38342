"""Plot the training curves of one or several runs: ``training_curves.py WORK_DIR ... --out FILE.png``."""

import argparse
import sys
from pathlib import Path

from vosplug.analysis.training_curves import read_scalars, write_training_curves
from vosplug.errors import VOSError


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
    try:
        labels = [work_dir.resolve().name for work_dir in args.work_dirs]
        if len(set(labels)) < len(labels):
            labels = [str(work_dir) for work_dir in args.work_dirs]
        runs = {label: read_scalars(folder) for label, folder in zip(labels, args.work_dirs, strict=True)}
        write_training_curves(args.out, runs, args.names)
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
