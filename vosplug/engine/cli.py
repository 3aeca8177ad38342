"""Command-line arguments shared by all tools, named as in MMSegmentation."""

import argparse
import os

from mmengine.config import DictAction


def make_parser(description: str) -> argparse.ArgumentParser:
    """A parser with the config and the options every Runner-based tool takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        'config', help='config file, or its path below the shipped configs; .py runs, .yaml and .json do not'
    )
    parser.add_argument('--work-dir', help='logs, checkpoints and scores; default: work_dirs/<config name>')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='config overrides, key.sub=value')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    # torchrun sets LOCAL_RANK itself; the older launcher passes it as an argument
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser


def parse(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parse the command line and set LOCAL_RANK."""
    args = parser.parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args
