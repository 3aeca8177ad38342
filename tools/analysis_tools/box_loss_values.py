"""Values of a config's box losses for masks with known errors: ``box_loss_values.py CONFIG``."""

import argparse

from rich.console import Console
from rich.table import Table

from vosplug.analysis.box_loss_values import box_loss_values
from vosplug.cli.arguments import add_cfg_options
from vosplug.config import config_errors, load_config
from vosplug.errors import exit_on_errors
from vosplug.formats.text_file import write_json


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Mean values of a config's box losses on its training clips, if the network predicted "
        'the true masks, the filled boxes, boxes of a wrong width or height, or smooth noise.'
    )
    parser.add_argument('config', help='config file, or its path below the shipped configs')
    parser.add_argument('--num-batches', type=int, default=20, help='number of batches')
    parser.add_argument('--batch-size', type=int, default=8, help='clips per batch')
    parser.add_argument('--seed', type=int, default=0, help='seed of videos, clips, pipeline and noise')
    add_cfg_options(parser)
    parser.add_argument('--out', help='JSON file for the table')
    args = parser.parse_args()
    for option in ('num_batches', 'batch_size'):
        if getattr(args, option) < 1:
            parser.error(f'--{option.replace("_", "-")}: found {getattr(args, option)}, expected at least 1')
    return args


def make_table(values: dict[str, dict[str, float]]) -> Table:
    """One row per prediction, one column per loss."""
    names = list(next(iter(values.values())))
    table = Table('prediction', *names)
    for prediction, found in values.items():
        table.add_row(prediction, *(f'{found[name]:.4f}' for name in names))
    return table


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        cfg = load_config(args.config, args.cfg_options)
        with config_errors(cfg):
            values = box_loss_values(cfg, args.num_batches, args.batch_size, args.seed)
        Console().print(make_table(values))
        if args.out:
            settings = {k: vars(args)[k] for k in ('config', 'num_batches', 'batch_size', 'seed')}
            write_json(args.out, {**settings, 'values': values})


if __name__ == '__main__':
    main()
