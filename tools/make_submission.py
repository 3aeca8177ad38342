"""Pack results for a server: ``python tools/make_submission.py davis2017 PRED OUT.zip --gt DIR``."""

import argparse
import sys

from vosplug.errors import VOSError
from vosplug.evaluation.submission import BENCHMARKS, Problem, check_submission, make_submission

SHOWN = 20


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check results and pack them for a benchmark's server.")
    parser.add_argument('benchmark', help=', '.join(sorted(BENCHMARKS)))
    parser.add_argument(
        'pred', help='masks or boxes per sequence, for VOT masks per run or results/<tracker>'
    )
    parser.add_argument('out', nargs='?', help='zip file to write')
    parser.add_argument('--gt', help="annotations of the dataset; for VOT the workspace's sequences")
    parser.add_argument('--frames', help='JPEGImages of the dataset; required if --gt lacks frames')
    parser.add_argument('--image-set', help='file that lists the sequences; default: all of --gt')
    parser.add_argument('--check', action='store_true', help='check without writing')
    args = parser.parse_args()
    if not args.out and not args.check:
        parser.error('OUT.zip is missing; give it, or --check to write nothing')
    return args


def show(problems: list[Problem], title: str) -> None:
    """Print the first problems and their number."""
    if not problems:
        return
    print(f'{title}: {len(problems)}', file=sys.stderr)
    for problem in problems[:SHOWN]:
        print(f'  {problem}', file=sys.stderr)
    if len(problems) > SHOWN:
        print(f'  ... and {len(problems) - SHOWN} more', file=sys.stderr)


def main() -> None:
    args = parse_args()
    dataset = dict(gt=args.gt, frames=args.frames, image_set=args.image_set)
    try:
        if args.check:
            problems = check_submission(args.benchmark, args.pred, **dataset)
            summary = f'{args.pred}: checked for {args.benchmark}, nothing written.'
        else:
            report = make_submission(args.benchmark, args.pred, args.out, **dataset)
            problems, summary = report.problems, report.summary()
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')
    wrong = [problem for problem in problems if not problem.warning]
    show([problem for problem in problems if problem.warning], 'warnings')
    show(wrong, 'problems')
    print(summary)
    sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()
