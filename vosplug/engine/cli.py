"""Command-line arguments shared by all tools, named as in MMSegmentation."""

import argparse
import os
import re

from mmengine.config import DictAction

from ..errors import ConfigError


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


def parse_shard(text: str) -> tuple[int, int]:
    """Read the argument ``--shard I/N``, with I from 1 to N.

    Returns:
        tuple: I - 1 and N.

    Raises:
        ConfigError: anything else, or N of more than six digits.
    """
    match = re.fullmatch('([0-9]{1,6})/([0-9]{1,6})', text)
    index, count = (int(number) for number in match.groups()) if match else (0, 0)
    if not 1 <= index <= count:
        raise ConfigError(
            f'--shard: found {text!r:.80}, expected I/N with I from 1 to N, such as 2/8, N below a million.'
        )
    return index - 1, count
