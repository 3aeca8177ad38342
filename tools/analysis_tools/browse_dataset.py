"""Draw training clips as fed to the model, or test videos: ``browse_dataset.py CONFIG``."""

import argparse
from pathlib import Path

from vosplug.analysis.browse_dataset import browse_dataset
from vosplug.cli.arguments import add_cfg_options
from vosplug.config import config_errors, load_config
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Draw items of a dataset after its pipeline, each into one image: frames with masks, '
        'boxes and the kind of supervision of every object; void is hatched.'
    )
    parser.add_argument('config', help='config file, or its path below the shipped configs')
    parser.add_argument('--output-dir', type=Path, help='default: work_dirs/browse/<config name>')
    parser.add_argument('--split', choices=['train', 'val', 'test'], default='train', help='which dataset')
    parser.add_argument('--num', type=int, default=10, help='number of items')
    parser.add_argument('--seed', type=int, default=0, help='of items and augmentation')
    add_cfg_options(parser)
    args = parser.parse_args()
    for option, least in (('num', 1), ('seed', 0)):
        if getattr(args, option) < least:
            parser.error(f'--{option}: found {getattr(args, option)}, expected at least {least}')
    return args


def main() -> None:
    args = parse_args()
    out = args.output_dir or Path('work_dirs/browse', Path(args.config).stem)
    with exit_on_errors():
        cfg = load_config(args.config, args.cfg_options)
        with config_errors(cfg):
            for path in browse_dataset(cfg, out, args.split, args.num, args.seed):
                print(path)


if __name__ == '__main__':
    main()
