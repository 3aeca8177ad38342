"""Arguments that several commands share, named as in MMSegmentation."""

import argparse
import os
from collections.abc import Sequence
from typing import Any


class _Overrides(argparse.Action):
    """mmengine's DictAction, imported when it is used: ``--help`` and completion need no mmengine."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        from mmengine.config import DictAction

        try:
            DictAction(self.option_strings, self.dest)(parser, namespace, values, option_string)
        except RecursionError:  # DictAction recurses endlessly on dict(a=1, b=2) and the like
            text = 'takes key=value with numbers, text, or lists of these: give a dict key by key (a.b.c=1)'
            raise argparse.ArgumentError(self, text) from None


def add_cfg_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--cfg-options``."""
    parser.add_argument('--cfg-options', nargs='+', action=_Overrides, help='config overrides, key.sub=value')


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``, see :func:`~vosplug.cli.output.json_output`."""
    parser.add_argument('--json', action='store_true', help='print the result as JSON, all else to stderr')


def add_runner_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the config and the options that every Runner takes."""
    parser.add_argument(
        'config', help='config file, or its path below the shipped configs; .py runs, .yaml and .json do not'
    )
    parser.add_argument('--work-dir', help='logs, checkpoints and scores; default: work_dirs/<config name>')
    add_cfg_options(parser)
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    # torchrun sets LOCAL_RANK itself; the older launcher passes it as an argument
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS)
    add_json(parser)


def set_local_rank(args: argparse.Namespace) -> None:
    """Set ``LOCAL_RANK`` from the launcher's argument if torchrun has not set it."""
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))


def add_slurm(parser: argparse._ActionsContainer, jobs: str) -> None:
    """Add the options of :func:`~vosplug.cli.slurm.run_shards`."""
    parser.add_argument('--workers', type=int, help=jobs)
    parser.add_argument(
        '--sbatch',
        default='',
        metavar='OPTIONS',
        help='options of sbatch for each Slurm job, such as "--partition=gpu --gpus=1 --time=4:00:00"',
    )
