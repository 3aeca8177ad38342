"""Score a folder of masks: ``python tools/eval_masks.py --protocol davis2017 --gt DIR --pred DIR``."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vosplug.errors import VOSError
from vosplug.evaluation.folders import evaluate_folders
from vosplug.evaluation.report import write_json


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Score a folder of predicted masks.')
    parser.add_argument('--protocol', required=True, help='davis2016 or davis2017')
    parser.add_argument('--gt', required=True, help='ground truth, a folder of PNGs per sequence')
    parser.add_argument('--pred', required=True, help='predictions, in the same layout')
    parser.add_argument('--image-set', help='file that lists the sequences; all of --gt without it')
    parser.add_argument('--num-workers', type=int, default=0, help='processes; 0 uses this one alone')
    parser.add_argument('--compat', help='reproduce an evaluator: davis2017-evaluation')
    parser.add_argument('--out', help='JSON file for global and per-object scores')
    parser.add_argument('--per-frame', help='JSON file for the scores of every frame')
    parser.add_argument('--csv', help='folder for global.csv and per_object.csv')
    return parser.parse_args()


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None] | None]:
    """What to call after every sequence; nothing unless a terminal is watching."""
    if not sys.stderr.isatty():
        yield None
        return
    # a tenth of a second that only a terminal pays
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task('sequences', total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def main() -> None:
    args = parse_args()
    protocol = dict(type=args.protocol, compat=args.compat)
    try:
        with progress_bar() as on_sequence:
            scores = evaluate_folders(
                protocol, args.gt, args.pred, args.image_set, args.num_workers, on_sequence
            )
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')
    print(f'{scores.protocol.name}, in percent\n{scores.table()}')
    seconds, frames = scores.speed['seconds'], scores.speed['frames']
    print(f'{frames} frames in {seconds:.2f} s')
    if args.out:
        write_json(args.out, scores.report())
    if args.per_frame:
        write_json(args.per_frame, scores.frame_report())
    if args.csv:
        scores.write_csv(args.csv)


if __name__ == '__main__':
    main()
