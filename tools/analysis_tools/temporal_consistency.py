"""Test the temporal loss' assumption: ``temporal_consistency.py CONFIG`` (Skogh 2024, Table 3.1)."""

import argparse
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from vosplug.analysis.temporal_consistency import THRESHOLDS, ConsistencyRow, dataset_consistency
from vosplug.cli.arguments import add_cfg_options
from vosplug.config import config_errors, load_config
from vosplug.errors import exit_on_errors
from vosplug.formats.text_file import write_json


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="How often patches of similar colours have the same labels in a config's training clips "
        '(Skogh 2024, Table 3.1).'
    )
    parser.add_argument('config', help='config file, or its path below the shipped configs')
    parser.add_argument(
        '--thresholds', nargs='+', type=float, default=THRESHOLDS, help='similarity thresholds'
    )
    parser.add_argument('--num-clips', type=int, default=100, help='number of clips')
    parser.add_argument('--seed', type=int, default=0, help='seed of videos, clips and pipeline')
    add_cfg_options(parser)
    parser.add_argument('--out', help='JSON file for the table')
    args = parser.parse_args()
    if args.num_clips < 1:
        parser.error(f'--num-clips: found {args.num_clips}, expected at least 1')
    return args


def make_table(rows: list[ConsistencyRow]) -> Table:
    """The thesis' table, one row per threshold."""
    table = Table('threshold', 'supervision proportion', 'precision')
    for row in rows:
        table.add_row(f'{row.threshold:g}', f'{row.proportion:.2%}', f'{row.precision:.4f}')
    return table


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        cfg = load_config(args.config, args.cfg_options)
        with config_errors(cfg):
            rows = dataset_consistency(cfg, args.num_clips, args.thresholds, args.seed)
        Console().print(make_table(rows))
        if args.out:
            settings = dict(config=args.config, num_clips=args.num_clips, seed=args.seed)
            write_json(args.out, {**settings, 'rows': [asdict(row) for row in rows]})


if __name__ == '__main__':
    main()
