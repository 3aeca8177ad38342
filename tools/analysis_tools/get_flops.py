"""Parameters of a model, and floating-point operations per frame: ``get_flops.py CONFIG --shape 480 854``."""

import argparse
import json

from rich.console import Console
from rich.table import Table

from vosplug.analysis.complexity import Complexity, stream_complexity
from vosplug.analysis.measured_stream import measured_model, measured_video
from vosplug.cli.arguments import add_cfg_options
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Count parameters, and the operations of every frame of a stream (of one frame, for a '
        'network that turns boxes into masks). Multiply and add count as two. Online fine-tuning is part of '
        'the first frame; --cfg-options model.test_cfg.online=None leaves it out.'
    )
    parser.add_argument(
        'config', help='config file, its path below the shipped configs, or a name of the zoo'
    )
    parser.add_argument(
        '--shape', type=int, nargs=2, default=(480, 854), metavar=('H', 'W'), help='of frames'
    )
    parser.add_argument('--frames', type=int, default=30, help='number of frames, enough to fill the memory')
    parser.add_argument('--objects', type=int, default=1, help='number of objects')
    parser.add_argument('--prompt', choices=['mask', 'box'], help='default: mask, if the model takes masks')
    add_cfg_options(parser)
    parser.add_argument('--json', action='store_true', help='print the numbers as JSON')
    return parser.parse_args()


def make_table(found: Complexity) -> Table:
    """Totals, then where the operations of a later frame are."""
    table = Table('', '')
    table.add_row('parameters', f'{found.parameters / 1e6:.2f} M ({found.trainable / 1e6:.2f} M trainable)')
    table.add_row('first frame', f'{found.first / 1e9:.2f} GFLOPs')
    if found.later is not None:
        table.add_row('later frames', f'{found.later / 1e9:.2f} GFLOPs')
    for name, count in sorted(found.parts.items(), key=lambda part: -part[1]):
        table.add_row(f'  {name}', f'{count / 1e9:.2f} GFLOPs')
    return table


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        model = measured_model(args.config, cfg_options=args.cfg_options)
        prompt = args.prompt or ('mask' if hasattr(model, 'stream') else 'box')
        found = stream_complexity(
            model, *measured_video(tuple(args.shape), args.frames, args.objects, prompt)
        )
        if args.json:
            numbers = dict(
                parameters=found.parameters, trainable=found.trainable, first_frame_flops=found.first
            )
            print(json.dumps({**numbers, 'later_frame_flops': found.later, 'parts': found.parts}))
        else:
            Console().print(make_table(found))


if __name__ == '__main__':
    main()
