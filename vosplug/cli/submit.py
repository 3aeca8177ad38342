"""``vosplug submit``: check results and pack them for a benchmark's server."""

import argparse
import sys
from typing import TYPE_CHECKING

from ..errors import ConfigError
from .arguments import add_json
from .output import json_output

if TYPE_CHECKING:
    from ..evaluation.submission import Problem

HELP = "check results and pack them for a benchmark's server"
EXAMPLE = 'vosplug submit davis2017 masks/ davis2017.zip --gt DAVIS/Annotations/480p'

SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument('benchmark', help='such as davis2017 or ytvos2019; an unknown name lists all')
    parser.add_argument(
        'pred', help='masks or boxes per sequence, for VOT masks per run or results/<tracker>'
    )
    parser.add_argument('out', nargs='?', help='zip file to write')
    parser.add_argument('--gt', help="annotations of the dataset; for VOT the workspace's sequences")
    parser.add_argument('--frames', help='JPEGImages of the dataset; required if --gt lacks frames')
    parser.add_argument('--image-set', help='file that lists the sequences; default: all of --gt')
    parser.add_argument('--check', action='store_true', help='check without writing')
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; 1 if the server would refuse the results."""
    from ..evaluation.submission import check_submission, make_submission

    if not args.out and not args.check:
        raise ConfigError('OUT.zip is missing; give it, or --check to write nothing.')
    dataset = dict(gt=args.gt, frames=args.frames, image_set=args.image_set)
    with json_output(args.json) as emit:
        if args.check:
            problems = check_submission(args.benchmark, args.pred, **dataset)
            summary = f'{args.pred}: checked for {args.benchmark}, nothing written.'
        else:
            report = make_submission(args.benchmark, args.pred, args.out, **dataset)
            problems, summary = report.problems, report.summary()
        wrong = [problem for problem in problems if not problem.warning]
        warnings = [problem for problem in problems if problem.warning]
        show(warnings, 'warnings')
        show(wrong, 'problems')
        print(summary)
        emit(dict(problems=[str(p) for p in wrong], warnings=[str(p) for p in warnings], summary=summary))
    return 1 if wrong else 0


def show(problems: 'list[Problem]', title: str) -> None:
    """Print the first problems and their number."""
    if not problems:
        return
    print(f'{title}: {len(problems)}', file=sys.stderr)
    for problem in problems[:SHOWN]:
        print(f'  {problem}', file=sys.stderr)
    if len(problems) > SHOWN:
        print(f'  ... and {len(problems) - SHOWN} more', file=sys.stderr)
