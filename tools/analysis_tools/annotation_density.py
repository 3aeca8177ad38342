"""Quality by the number of annotated frames: ``annotation_density.py CONFIG CHECKPOINT --out DIR``."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from vosplug.analysis.annotation_density import (
    EVERY,
    KINDS,
    annotation_density,
    load_both_ways,
    write_density_plots,
)
from vosplug.cli.arguments import add_cfg_options
from vosplug.errors import exit_on_errors


def step(text: str) -> int | None:
    """Parse ``first`` (None), or K of every K-th frame."""
    if text == 'first':
        return None
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'found {text!r}, expected first or a number of 1 or more')
    return int(text)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='J of a model with 1 to half of the frames annotated, by masks and by boxes, forward and '
        'backward, against copying the nearest annotation (Perazzi et al. 2017, Fig. 4).'
    )
    parser.add_argument('config', help='config with test data, or a name of the zoo')
    parser.add_argument('checkpoint', nargs='?', help='weights; not needed for a name or a model without any')
    parser.add_argument('--out', required=True, type=Path, help='folder of annotation_density.json and plots')
    parser.add_argument('--kinds', nargs='+', choices=KINDS, default=KINDS, help='kinds of annotations')
    parser.add_argument(
        '--every',
        nargs='+',
        type=step,
        default=EVERY,
        metavar='K',
        help='annotate every K-th annotated frame, or only the first; default: first 40 30 20 10 5 3 2',
    )
    parser.add_argument('--device', default='cpu')
    add_cfg_options(parser)
    return parser.parse_args()


def make_table() -> Table:
    """Columns in percent."""
    return Table('annotated by', 'frames', '% of frames', 'J', '5 to 95% quantile', 'J copied')


def add_row(table: Table, setting: dict) -> None:
    frames = 'first' if setting['every'] is None else f'every {setting["every"]}'
    low, high = (100 * setting['quantiles'][k] for k in (0, -1))
    found, copied = (f'{100 * setting[key]:.1f}' for key in ('mean', 'baseline_mean'))
    table.add_row(
        setting['kind'], frames, f'{setting["percent"]:.1f}', found, f'{low:.1f} to {high:.1f}', copied
    )


def main() -> None:
    args = parse_args()
    console, table, finished = Console(), make_table(), []
    with exit_on_errors():
        cfg, model = load_both_ways(args.config, args.checkpoint, args.device, args.cfg_options)
        path = args.out / 'annotation_density.json'
        for setting in annotation_density(cfg, model, path, args.kinds, args.every):
            finished.append(setting)
            add_row(table, setting)
            console.print(f'{len(finished)} of {len(args.kinds) * len(args.every)} settings finished')
        write_density_plots(args.out, finished)
        console.print(table)


if __name__ == '__main__':
    main()
