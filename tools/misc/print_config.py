"""Print a whole config, with its bases and overrides: ``print_config.py CONFIG --cfg-options k=v``."""

import argparse

from mmengine.config import Config

from vosplug.cli.arguments import add_cfg_options
from vosplug.config import load_config
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Print a config with its bases and overrides, checked as every tool checks it; '
        'tools/export_config.py writes it as a file.'
    )
    parser.add_argument('config', help='config file, or its path below the shipped configs')
    add_cfg_options(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        cfg = load_config(args.config, args.cfg_options)
        print(Config(cfg.to_dict(), filename=cfg.filename).pretty_text)


if __name__ == '__main__':
    main()
