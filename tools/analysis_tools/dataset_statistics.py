"""Video lengths and box fill: ``dataset_statistics.py CONFIG`` (Skogh 2024, Figures 4.1 and A.2)."""

import argparse
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from vosplug.cli.arguments import add_cfg_options
from vosplug.config import config_errors, load_config
from vosplug.errors import exit_on_errors
from vosplug.evaluation.dataset_statistics import DatasetStatistics, config_statistics
from vosplug.formats.text_file import write_json
from vosplug.visualization.dataset_plots import write_statistics


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Frames per video and fraction of its box that an object covers, per dataset of a config '
        '(Skogh 2024, Figures 4.1 and A.2).'
    )
    parser.add_argument('config', help='config file, or its path below the shipped configs')
    parser.add_argument(
        '--split', choices=['train', 'val', 'test'], default='train', help='dataloader to use'
    )
    parser.add_argument('--num-videos', type=int, help='maximum number of random videos per dataset')
    parser.add_argument('--seed', type=int, default=0, help='seed of the random videos')
    add_cfg_options(parser)
    parser.add_argument('--out', type=Path, help='folder for statistics.json and statistics.png')
    args = parser.parse_args()
    if args.num_videos is not None and args.num_videos < 1:
        parser.error(f'--num-videos: found {args.num_videos}, expected at least 1')
    return args


def make_table(statistics: dict[str, DatasetStatistics]) -> Table:
    """One line per dataset."""
    table = Table('dataset', 'videos', 'frames', 'per video', 'objects', 'boxes', 'mean fill')
    for name, found in statistics.items():
        s = found.summary()
        lengths = f'{s["shortest"]} to {s["longest"]}, median {s["median_length"]:g}'
        counts = (str(s[key]) for key in ('objects', 'boxes'))
        table.add_row(name, str(s['videos']), str(s['frames']), lengths, *counts, f'{s["mean_fill"]:.1%}')
    return table


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        cfg = load_config(args.config, args.cfg_options)
        with config_errors(cfg):
            statistics = config_statistics(cfg, args.split, args.num_videos, args.seed)
        Console().print(make_table(statistics))
        if args.out:
            report = {name: dict(summary=s.summary(), **asdict(s)) for name, s in statistics.items()}
            write_json(args.out / 'statistics.json', report)
            write_statistics(args.out / 'statistics.png', statistics)


if __name__ == '__main__':
    main()
