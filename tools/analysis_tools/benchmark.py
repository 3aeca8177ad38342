"""Speed and memory of streaming inference: ``benchmark.py CONFIG [CHECKPOINT] --shape 480 854``."""

import argparse
import json

import torch
from rich.console import Console
from rich.table import Table

from vosplug.analysis.measured_stream import measured_model, measured_video, rectangle_prompts
from vosplug.analysis.speed import StreamSpeed, stream_speed
from vosplug.cli.arguments import add_cfg_options
from vosplug.errors import exit_on_errors
from vosplug.structures import open_video

ROWS = {
    'fps': 'frames per second',
    'ms_mean': 'ms per frame, mean',
    'ms_p50': 'ms per frame, median',
    'ms_p90': 'ms per frame, 90th percentile',
    'ms_p99': 'ms per frame, 99th percentile',
    'ms_first': 'ms of the first frame, with prompts',
    'peak_mb': 'peak memory, MiB',
    'frames': 'frames that count',
    'device': 'device',
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Time a stream of a video, or of a generated one, frame by frame. Without a checkpoint '
        'weights are random, which changes neither speed nor memory. Peak memory is that of the whole '
        'process, on a GPU that of the stream.'
    )
    parser.add_argument(
        'config', help='config file, its path below the shipped configs, or a name of the zoo'
    )
    parser.add_argument('checkpoint', nargs='?', help='weights')
    parser.add_argument('--video', help='video file or folder of frames; default: a generated video')
    parser.add_argument(
        '--shape', type=int, nargs=2, default=(480, 854), metavar=('H', 'W'), help='of the generated video'
    )
    parser.add_argument('--frames', type=int, default=60, help='length of the generated video')
    parser.add_argument('--warmup', type=int, default=5, help='initial frames to leave out of the numbers')
    parser.add_argument('--objects', type=int, default=1, help='number of objects')
    parser.add_argument('--prompt', choices=['mask', 'box'], default='mask', help='kind of their prompts')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--threads', type=int, help="of PyTorch on a CPU; default: PyTorch's")
    add_cfg_options(parser)
    parser.add_argument('--json', action='store_true', help='print the numbers as JSON')
    return parser.parse_args()


def measure(args: argparse.Namespace) -> StreamSpeed:
    if args.threads:
        torch.set_num_threads(args.threads)
    model = measured_model(args.config, args.checkpoint, args.cfg_options).to(args.device)
    if args.video:
        source = open_video(args.video)
        prompts = {0: rectangle_prompts(source.size, args.objects, args.prompt)}
    else:
        source, prompts = measured_video(tuple(args.shape), args.frames, args.objects, args.prompt)
    return stream_speed(model, source, prompts, args.warmup)


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        report = measure(args).report()
        if args.json:
            print(json.dumps(report))
            return
        table = Table('', '')
        for key, name in ROWS.items():
            table.add_row(name, str(report[key]))
        Console().print(table)


if __name__ == '__main__':
    main()
