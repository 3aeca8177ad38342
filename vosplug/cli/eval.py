"""``vosplug eval``: score a folder of predictions by the rules of a benchmark."""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import ConfigError
from ..progress import progress_bar
from .arguments import add_json
from .output import json_output

if TYPE_CHECKING:
    from ..evaluation.scores import Scores

HELP = 'score a folder of predictions by the rules of a benchmark'
EXAMPLE = 'vosplug eval --protocol davis2017 --gt DAVIS/Annotations/480p --pred masks/'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        '--protocol', required=True, help='such as davis2017 or ytvos2019; an unknown name lists all'
    )
    parser.add_argument('--gt', required=True, help="ground truth, in the benchmark's layout")
    parser.add_argument('--pred', required=True, help='predictions: masks or boxes per sequence')
    parser.add_argument('--image-set', help='file that lists the sequences; default: all of --gt')
    parser.add_argument('--num-workers', type=int, default=0, help='worker processes; 0 uses only this one')
    parser.add_argument('--compat', help='reproduce another evaluator, such as davis2017-evaluation')
    parser.add_argument(
        '--set',
        nargs='+',
        default=[],
        metavar='OPTION=VALUE',
        help='protocol options: attributes=FILE (davis), meta=FILE (ytvos), manual=FILE (pseudo_label)',
    )
    parser.add_argument(
        '--import',
        dest='imports',
        nargs='+',
        default=[],
        metavar='MODULE',
        help='modules that register protocols of your own',
    )
    parser.add_argument('--out', help='JSON file for global and per-object scores')
    parser.add_argument('--per-frame', help='JSON file for the scores of every frame')
    parser.add_argument('--csv', help='folder for global.csv and per_object.csv')
    parser.add_argument('--plots', help='folder for curves and bars as PNG')
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from ..evaluation.folders import evaluate_folders

    import_modules(args.imports)
    with json_output(args.json) as emit:
        with progress_bar('sequences') as on_sequence:
            scores = evaluate_folders(
                protocol_config(args), args.gt, args.pred, args.image_set, args.num_workers, on_sequence
            )
        print(f'{scores.protocol}, in percent\n{scores.table()}')
        print(f'{scores.speed["frames"]} frames in {scores.speed["seconds"]:.2f} s')
        if zeros := scores.without_overlap():
            print(
                f'warning: J is 0 in all frames of {len(zeros)} sequences, such as {zeros[0]!r}. Predictions '
                'must have the object ids of the ground truth.',
                file=sys.stderr,
            )
        write_outputs(args, scores)
        emit(scores.report())


def import_modules(names: Sequence[str]) -> None:
    """Import modules by name; a ConfigError names one that cannot be imported."""
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            raise ConfigError(
                f'--import {name}: cannot be imported ({error}). Is its folder in PYTHONPATH?'
            ) from error


def protocol_config(args: argparse.Namespace) -> dict:
    """The protocol with its options; values are parsed as JSON if possible, otherwise text."""
    config = dict(type=args.protocol)
    if args.compat:
        config['compat'] = args.compat
    for option in args.set:
        name, equals, value = option.partition('=')
        if not equals:
            raise ConfigError(f'--set: found {option!r}, expected OPTION=VALUE.')
        try:
            config[name] = json.loads(value)
        except ValueError:
            config[name] = value
    return config


def write_outputs(args: argparse.Namespace, scores: 'Scores') -> None:
    """Write the outputs selected by the flags."""
    from ..formats.attributes import read_attributes
    from ..formats.text_file import write_json

    if args.out:
        write_json(args.out, scores.report())
    if args.per_frame:
        write_json(args.per_frame, scores.frame_report())
    if args.csv:
        scores.write_csv(args.csv)
    if args.plots:
        # importing matplotlib takes longer than scoring a small set
        from ..visualization.score_plots import write_score_plots

        file = protocol_config(args).get('attributes')
        attributes = None if file is None else read_attributes(file)
        paths = write_score_plots(args.plots, scores.per_object, scores.per_frame, attributes)
        print('\n'.join(map(str, paths)) or f'no plots: {scores.protocol} has no J')
