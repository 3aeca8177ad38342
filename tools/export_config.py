"""Write a config with its bases as one file of data: ``export_config.py CONFIG OUT.yaml``."""

import argparse
from pathlib import Path

from vosplug.cli.arguments import add_cfg_options
from vosplug.config import load_config, write_data_config
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write a config with its bases as one YAML or JSON file, which contains no code. '
        'A config that ends in .py is a program, and this tool runs it.'
    )
    parser.add_argument('config', help='config file, or its path below the shipped configs')
    parser.add_argument('out', metavar='OUT', type=Path, help='ends in .yaml, .yml or .json')
    add_cfg_options(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        write_data_config(load_config(args.config, args.cfg_options), args.out)
        load_config(args.out)
    print(args.out)


if __name__ == '__main__':
    main()
